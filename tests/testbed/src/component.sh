# Becomes a component: $1 is the control plane's folder, $2 the component's name, the rest its
# command line. See guard.sh for the order of these lines.
folder=$1 name=$2
shift 2
echo "$$" >"$folder/$name.pid" || exit 1
[ -e "$folder/stopping" ] && exit 1
exec "$@"
