# Ends a control plane when the process that started it is gone, however it went.
#
# $1 is the control plane's folder. Stdin is a pipe whose other end only that process holds, and
# writes nothing to: reading it ends when the process closes it, or dies.
trap '' HUP INT QUIT TERM PIPE
while read -r _; do :; done

# A component writes its pid file, then looks for this mark, and only then becomes its program.
# So either the mark is seen there, or the pid file is seen here.
: >"$1/stopping"
pids=
for file in "$1"/*.pid; do
	[ -s "$file" ] && pids="$pids $(cat "$file")"
done

# KILL, not TERM: all that the components would save is in the folder that goes away next.
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done

# Their end is waited for, so that nothing writes to the folder while it goes away; but not for
# long, since a process counts as there until someone collects it, and not every init does.
tries=0
while [ "$tries" -lt 20 ]; do
	left=
	for pid in $pids; do kill -0 "$pid" 2>/dev/null && left=yes; done
	[ -z "$left" ] && break
	sleep 0.05 2>/dev/null || sleep 1
	tries=$((tries + 1))
done

# Again where something else (a kubectl of the test's) wrote in between.
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
