# Runs a command as the parent of all that it leaves behind, and waits until the last of it has ended.
# Daemons and guests orphan themselves. Where process 1 does not wait for orphans, as in many containers,
# each one that ends would stay a zombie, and libvirt, which takes a zombie for alive, would wait for it.
use strict;
use warnings;
use POSIX ();

my %prctl = (x86_64 => 157, aarch64 => 167);    # the number of the system call
my $PR_SET_CHILD_SUBREAPER = 36;

my $number = $prctl{(POSIX::uname())[4]};
syscall($number, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) if defined $number;
my $child = fork() // die "fork: $!\n";
exec @ARGV or die "$ARGV[0]: $!\n" if $child == 0;
my $status = 0;
while ((my $ended = wait()) > 0) {
    $status = $? >> 8 if $ended == $child;
}
exit $status;
