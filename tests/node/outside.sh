# Runs a command in namespaces of its own, and removes whatever it has left of itself, however it ended.
#
# $1 is a folder that goes away afterwards, $2 the name of a cgroup likewise, $3 a script for the inside, the rest the
# command that the script is given. Stdin is a pipe whose other end only the test holds: it ends when the test does,
# even by SIGKILL.
#
# Nothing is taken away piece by piece: processes end with the process namespace (--kill-child ends that with unshare),
# mounts with the mount namespace, interfaces and addresses with the network namespace. Files and cgroups are left.
trap '' HUP INT QUIT TERM PIPE
folder=$1 cgroup=$2 inside=$3
shift 3
exec 3<&0

places() { for place in /sys/fs/cgroup /sys/fs/cgroup/*/; do echo "${place%/}/$cgroup"; done; }
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	# Each alone: one that a machine lacks takes none of the others with it.
	for controller in cpu cpuset memory pids io hugetlb; do
		echo "+$controller" 2>/dev/null >/sys/fs/cgroup/cgroup.subtree_control
	done
	mkdir "/sys/fs/cgroup/$cgroup"
else
	# Version 1: a folder in each hierarchy. What is no hierarchy refuses it.
	for place in /sys/fs/cgroup/*/; do mkdir "$place$cgroup" 2>/dev/null; done
	# Cpus have to be given before anything may be in one.
	for file in cpuset.cpus cpuset.mems; do
		cat "/sys/fs/cgroup/cpuset/$file" 2>/dev/null >"/sys/fs/cgroup/cpuset/$cgroup/$file"
	done
fi
made=
for place in /var/lib/kubelet /var/lib/cni; do mkdir "$place" 2>/dev/null && made="$made $place"; done

unshare --mount --net --pid --fork --kill-child --mount-proc \
	sh -c "$inside" node-inside "$folder" "$@" 3<&- </dev/null &
child=$!
{ while read -r _; do :; done; kill -KILL "$child"; } <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
code=$?
kill -KILL "$watcher" 2>/dev/null

# The namespace may take a moment to end after unshare was killed.
tries=0
while :; do
	for place in $(places); do [ -d "$place" ] && find "$place" -depth -type d -exec rmdir {} + 2>/dev/null; done
	rm -rf -- "$folder"
	left=
	for place in "$folder" $(places); do [ -e "$place" ] && left="$left $place"; done
	[ -z "$left" ] && break
	tries=$((tries + 1))
	if [ "$tries" -gt 100 ]; then
		echo "node: these could not be removed, remove them by hand:$left" >&2
		break
	fi
	sleep 0.1
done
for place in $made; do rmdir "$place" 2>/dev/null; done
exit "$code"
