# Process 1 of the namespaces that outside.sh has made: makes a machine of them and runs a command.
#
# $1 is the test's folder, the rest the command.
set -eu
folder=$1
shift

# What a node writes outside of the folders that it can be given.
for place in /run /var/log /var/lib/kubelet /var/lib/cni; do mount -t tmpfs tmpfs "$place"; done

# A kubelet sets these for the whole machine, and they would stay. It finds them set, in files of this namespace's.
knob() {
	[ -e "/proc/sys/$1" ] || return 0
	file=$folder/knob-$(echo "$1" | tr / -)
	echo "$2" >"$file"
	mount --bind "$file" "/proc/sys/$1"
}
knob vm/overcommit_memory 1
knob vm/panic_on_oom 0
knob kernel/panic 10
knob kernel/panic_on_oops 1
knob kernel/keys/root_maxkeys 1000000
knob kernel/keys/root_maxbytes 25000000

ip link set lo up
# The `kubernetes` service and the node.
ip address add 10.0.0.1/32 dev lo
ip address add 10.0.1.1/32 dev lo

# Not exec: process 1 gets no signal that it does not handle, and a failure has to end the command.
"$@" &
wait "$!"
