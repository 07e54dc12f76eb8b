# What a chapter may use beyond kubectl and what every POSIX system has.

_said() { printf 'exit %s\n' "$1"; }

# until_has TEXT FILE: waits until a job in the background has written TEXT.
until_has() {
  for _ in $(seq 200); do
    grep -q -- "$1" "$2" 2> /dev/null && return
    sleep 0.1
  done
  echo "$2 never said $1, but:"; cat "$2"
}

# end JOB FILE: ends a job in the background and shows what it wrote.
end() {
  kill "$1"
  wait "$1" 2> /dev/null
  cat "$2"
}
