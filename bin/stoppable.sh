# Sourced by the programs of this folder: run a step that a signal stops at once.
# Bash answers a signal only after its foreground child, and one that kills bash leaves the child
# at work; in the background, with wait, the answer is immediate and nothing stays behind.
stop_tree() {
  local child
  for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do stop_tree "$child"; done
  kill -TERM "$1" 2>/dev/null || true
}
exec 3>&1 # where people read, also while a step writes into its log
stopped() {
  trap '' INT TERM
  stop_tree "$1"
  wait "$1" 2>/dev/null || true
  [ -n "${GPMB_INNER_STEP:-}" ] || echo "Đã dừng; chạy lại bin/${0##*/} sẽ làm tiếp." >&3
  exit 130
}
stoppable() {
  local status=0
  GPMB_INNER_STEP=1 "$@" 3>&- &
  trap "stopped $!" INT TERM
  wait $! || status=$?
  trap - INT TERM
  return $status
}
