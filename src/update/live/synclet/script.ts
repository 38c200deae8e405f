// The far side of an update in place: a POSIX sh loop, run by dash, bash or busybox in the user's container. It needs
// sh, head, rm and mkdir, stat or else ls, and tar or else cat, chmod, chown and ln. Nothing is installed.
//
// Much goes through dd where it can read exactly as much: the head of busybox takes it byte by byte, several times as long.
//
// It reads requests from stdin and answers on its first stdout (fd 3); all else, output of run steps included, goes to
// stderr, so that a process a run step leaves behind can never write into the answers.
//   r PATH  remove                     d PATH  remove a directory without files
//   c PATH  clear a directory that stands where a file comes     p PATH  clear what stands where a directory comes
//   u PATH  remove a link              s PATH  look at it; `look` answers for all that were named so
//   x CMD   run after the files        k NAME  restart the supervised process of container NAME ("files 100": there is none)
//   who OWNER   whose numbers are these names: "who UID:GID", "who -" where nobody has them
//   b N     N bytes of such lines follow, read at once: `read` takes a system call for each byte
//   go tar|cat|none   carries it out: the files follow in chunks, "m N" or for the last one "l N", then N bytes
// Answers: "." chunk or block taken · "look KINDS", a line of owner and mode for each, "looked" · "files CODE" · "run N CODE" · "restart CODE OLD NEW" · "done", with the mark given
// as the first argument on stderr. Nothing is sent between `go` and `done` but chunks, and nothing after a chunk or block
// until it was taken: busybox head reads ahead, and this way it cannot read what is not its own; it is the back-pressure, too.
// Without tar each entry is "f MODE:UID:GID PATH" and chunks, "s MODE:UID:GID PATH" and the link's target, or
// "d MODE:UID:GID PATH"; then "end". A link that leads to a directory counts as that directory.
// PATH and CMD come with control characters and backslashes as \0ooo. The connection's end ends the loop, and a run
// step with all its children: that is how a cancel gets through. They are held still while they are counted: one forked
// between the look and the signal would outlive its parent.

/** Shell function: the descendants of process $1, read from /proc because `ps` and `pkill` are often missing. */
export const descendants = `kin() {
  for s in /proc/[0-9]*/stat; do
    { read -r l <"$s"; } 2>/dev/null || continue
    q=\${l%% *}; l=\${l##*) }; l=\${l#* }
    [ "\${l%% *}" = "$1" ] && { echo "$q"; kin "$q"; }
  done
}`;

/** Where the supervisor of container $1 notes "its pid, the child's pid, how often it was started". /dev/shm is writable in every container, also with a read-only root. */
export const stateFile = (container: string): string => `/dev/shm/.sluice-${container}`;

/** Shell function: is there nothing but directories in directory $1? Stops at the first file. */
export const hollow = `
hollow() {
  [ ! -L "$1" ] || return 1
  for x in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -L "$x" ] || { [ -e "$x" ] && [ ! -d "$x" ]; }; then return 1; fi
    [ ! -d "$x" ] || hollow "$x" || return 1
  done
}`;

const request = `
say() { printf '%s\\n' "$*" >&3; }
plain() { case $1 in *\\\\*) v=$(printf '%b.' "$1"); v=\${v%.};; *) v=$1;; esac; }
whole() {
  [ -n "$dd" ] || { dd=no; dd bs=1 count=0 iflag=fullblock status=none </dev/null >/dev/null 2>&1 && dd=yes; }
  [ $dd = yes ]
}
bytes() { if [ "$1" -gt 65536 ] && whole; then dd bs="$1" count=1 iflag=fullblock status=none; else head -c "$1"; fi; }
chunks() {
  dd=
  while IFS= read -r line; do
    bytes "\${line#? }" || exit 1
    echo . >&3
    case $line in l*) return 0;; esac
  done
  return 1
}
unpack() { chunks | { tar -xpmf - -C /; e=$?; cat >/dev/null; exit $e; }; }
write() {
  while IFS= read -r line && [ "$line" != end ]; do
    kind=\${line%% *}; mode=\${line#* }; mode=\${mode%% *}
    plain "\${line#* * }"; to=$v
    mkdir -p "\${to%/*}/" || exit 1
    [ "$kind" = d ] || rm -f "$to" || exit 1
    case $kind in
      f) chunks >"$to" && given && chmod "\${mode%%:*}" "$to" || exit 1;;
      d) mkdir -p "$to" && given && chmod "\${mode%%:*}" "$to" || exit 1; echo . >&3;;
      s) IFS= read -r line; plain "$line"; ln -s "$v" "$to" || exit 1; echo . >&3;;
    esac
  done
}
given() { [ "\${mode#*:}" = "$me" ] || chown "\${mode#*:}" "$to"; }`;

/** Each line of owner and mode is one of `stat` or, where there is none, of `ls`; both follow links. */
const looking = `
owners() {
  if command -v stat >/dev/null 2>&1; then stat -L -c '%a %u %g' -- "$@"
  else for x in "$@"; do ls -ldnL "$x" | head -n 1; done; fi
}
look() {
  kinds=; set --
  IFS=$nl; set -f
  for line in $asked; do
    IFS=$blank; plain "$line"
    if [ -d "$v" ]; then kinds=\${kinds}d; elif [ -e "$v" ] && [ ! -L "$v" ]; then kinds=\${kinds}f
    else kinds=\${kinds}n; v=\${v%/*}; while [ -n "$v" ] && [ ! -d "$v" ]; do v=\${v%/*}; done; v=$v/; fi
    set -- "$@" "$v"
  done
  IFS=$blank; set +f; asked=
  say "look $kinds"
  owners "$@" >&3
  say looked
}`;

/** As a build reads a name: the group of a user is its own unless one is named. */
const who = `
number() {
  found=
  case $1 in *[!0-9]*|'') while IFS=: read -r name x id its rest; do
    [ "$name" != "$1" ] || { found=$id; also=$its; break; }
  done 2>/dev/null <"$2";; *) found=$1; also=$1;; esac
}
who() {
  plain "$1"; owner=$v
  number "\${owner%%:*}" /etc/passwd; uid=$found; gid=$also
  case $owner in *:*) number "\${owner#*:}" /etc/group; gid=$found;; esac
  if [ -n "$uid" ] && [ -n "$gid" ]; then say "who $uid:$gid"; else say 'who -'; fi
}`;

const lines = `
nl='
'
blank=$IFS
each() {
  IFS=$nl; set -f
  for line in $2; do IFS=$blank; set +f; "$1" "$line"; done
  IFS=$blank; set +f
}
take() {
  [ $e != 100 ] || return 0
  plain "\${1#* }"
  case $1 in
    r\\ *) rm -rf "$v" || e=1;;
    d\\ *) hollow "$v" && rm -rf "$v";;
    c\\ *) if [ -d "$v" ] && [ ! -L "$v" ]; then rm -rf "$v" || e=1; fi;;
    u\\ *) [ ! -L "$v" ] || rm -f "$v" || e=1;;
    p\\ *) [ -d "$v" ] || rm -f "$v" || e=1;;
    s\\ *) asked=$asked\${1#* }$nl;;
    x\\ *) steps=$steps\${1#* }$nl;;
    k\\ *) again=/dev/shm/.sluice-$v; [ -r "$again" ] || e=100;;
  esac
}
carry() {
  how=$1
  [ $e = 0 ] || how="skip $how"
  case $how in tar) unpack || e=$?;; cat) ( write ) || e=$?;; 'skip tar') chunks >/dev/null;; esac
  say "files $e"
  [ $e != 0 ] || after
  echo "$mark" >&2
  say done
}`;

const steps = `
step() {
  sh -c "$1" </dev/null 3>&- 4<&- & job=$!
  ( IFS= read -r line; trap '' TERM; kill -STOP $job; kill -STOP $(kin "$job"); all="$job $(kin "$job")"; kill -TERM $all; kill -CONT $all; sleep 1; kill -KILL $all ) <&4 3>&- 2>/dev/null & guard=$!
  wait "$job"; code=$?
  { kill -TERM "$guard"; wait "$guard"; } 2>/dev/null
  return $code
}
restart() {
  { read -r top old was <"$1"; } 2>/dev/null && kill -USR1 "$top" || { say "restart 1 0 0"; return 1; }
  tries=0; new=$old; now=$was
  while [ "$now" = "$was" ]; do
    tries=$((tries + 1))
    [ $tries = 500 ] && kill -KILL "$old"
    [ $tries = 700 ] && { say "restart 2 $old 0"; return 1; }
    sleep 0.01 2>/dev/null || sleep 1
    { read -r top new now <"$1"; } 2>/dev/null
  done
  say "restart 0 $old $new"
}
after() {
  n=0; code=0
  each run "$steps"
  [ $code != 0 ] || [ -z "$again" ] || restart "$again"
}
run() {
  [ $code = 0 ] || return
  plain "$1"; step "$v"; code=$?
  say "run $n $code"
  n=$((n + 1))
}`;

const loop = `
exec 3>&1 1>&2 4<&0
with=none
command -v tar >/dev/null 2>&1 && with=tar || { command -v ln >/dev/null 2>&1 && with=cat; }
command -v head >/dev/null 2>&1 && command -v rm >/dev/null 2>&1 || with=none
me=0:0
while read -r word real id rest; do
  case $word in Uid:) me=$id;; Gid:) me=$me:$id; break;; esac
done 2>/dev/null </proc/$$/status
say "sluice $with $me"
mark=$1; steps=; again=; asked=; e=0
while IFS= read -r line; do
  case $line in
    b\\ *) block=$(head -c "\${line#* }"); say .; each take "$block";;
    look) look;;
    who\\ *) who "\${line#* }";;
    go\\ *) carry "\${line#* }"; steps=; again=; e=0;;
    *) take "$line";;
  esac
done
`;

/** Given to \`sh -c\` as it is. */
export const script = descendants + hollow + request + looking + who + lines + steps + loop;
