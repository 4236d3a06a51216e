# Does to a mounted file system what Node has no call for: starts the writing of single ranges of files, and cuts
# the power (FS_IOC_SHUTDOWN). Commands come in as lines, and each is answered with a line.
#
#   perl cut-power.pl MOUNT_POINT
#   writeback START LENGTH PATH     sync_file_range(2), and waits for it
#   shutdown FLAG                   0 writes everything before, 1 its journal, 2 nothing
use strict;
use warnings;
use POSIX ();

$| = 1;
my ($mount_point) = @ARGV;

# The wrong file system must never be hit: this has to be the mount point of a loop device.
open(my $mounts, '<', '/proc/self/mountinfo') or die "mountinfo: $!";
my ($line) = grep { (split ' ')[4] eq $mount_point } <$mounts>;
die "$mount_point is not where a loop device is mounted\n" unless defined $line && $line =~ m{ - \S+ /dev/loop\d+ };

my %sync_file_range = (x86_64 => 277, aarch64 => 84);
my $sync_file_range = $sync_file_range{(POSIX::uname())[4]} or die "the number of sync_file_range is not known here\n";
my $write_and_wait = 1 | 2 | 4;
my $shutdown = 0x8004587d;

open(my $root, '<', $mount_point) or die "$mount_point: $!";
print "ready\n";
while (my $command = <STDIN>) {
    if ($command =~ /^writeback (\d+) (\d+) (.+)$/) {
        # A file that is gone meanwhile needs no writing.
        if (open(my $file, '<', $3)) { syscall($sync_file_range, fileno($file), $1 + 0, $2 + 0, $write_and_wait) }
        print "written\n";
    } elsif ($command =~ /^shutdown ([012])$/) {
        ioctl($root, $shutdown, pack('L', $1)) or die "shutdown: $!";
        print "off\n";
    } else {
        die "unknown command: $command";
    }
}
