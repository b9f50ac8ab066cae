#!/bin/bash
# First process of a private libvirt host: lays the mounts of the host whose folder is $1, prints its own
# process number as seen from outside, and then only reaps orphans until its standard input ends.
# A guest that libvirt killed must not stay a zombie: libvirt would take it for alive.
set -euo pipefail
root=$1
name=$2
read -r outer _ </proc/self/stat # before /proc is laid anew

hostname "$name"
ip link set lo up
for folder in etc/libvirt var/lib/libvirt var/cache/libvirt var/log/libvirt run; do
  mount --bind "$root/$folder" "/$folder"
done
for file in machine-id hosts hostname; do
  [[ ! -e /etc/$file ]] || mount --bind "$root/etc/$file" "/etc/$file"
done
umount -lR /sys
mount -t sysfs sysfs /sys           # this network's own, and no cgroups
mount -t tmpfs -o mode=755 dev /dev # without kvm: guests are emulated wherever the tests run
mkdir /dev/{net,pts,shm}
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/full c 1 7
mknod -m 666 /dev/random c 1 8
mknod -m 666 /dev/urandom c 1 9
mknod -m 666 /dev/tty c 5 0
mknod -m 666 /dev/net/tun c 10 200
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts /dev/pts
mount -t tmpfs shm /dev/shm
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
umount -lR /proc || :
mount -t proc proc /proc

echo "$outer"
# The pipe's other end is held by the process that started this host: however that ends, so does the host.
cat >/dev/null <&0 &
wait $!
