# Sourced by the other tools: saying what is done, and building a preset. Needs $root.

say() { printf '%s\n' "$*" >&2; }

# Microseconds; $EPOCHREALTIME has the locale's decimal sign.
now_us() { echo "${EPOCHREALTIME//[.,]/}"; }

# seconds_since US: with one decimal.
seconds_since() {
  local tenths=$((($(now_us) - $1) / 100000))
  echo "$((tenths / 10)).$((tenths % 10))"
}

# quietly LOG COMMAND...: what it prints goes to LOG, and to the terminal only if it fails.
quietly() {
  local log=$1 status=0
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status != 0)); then
    tail -n 60 "$log" >&2
    say "failed with status $status: $* (whole log: $log)"
  fi
  return "$status"
}

# A preset's settings come to an existing build folder only by configuring it again.
configure() {
  local preset=$1 folder=$root/build/$1
  if [[ ! -e $folder/build.ninja || $root/CMakePresets.json -nt $folder/build.ninja ]]; then
    say "build: configuring preset $preset"
    (cd "$root" && quietly "$root/build/$preset-configure.log" cmake --preset "$preset") || return
    touch "$folder/build.ninja"
  fi
}

# build PRESET [TARGET...]: two calls at once wait for each other.
build() {
  local preset=$1 from log=$root/build/$1.log
  from=$(now_us)
  shift
  mkdir -p "$root/build"
  (
    flock 9
    configure "$preset" || exit
    say "build: preset $preset (minutes the first time; log: $log)"
    quietly "$log" ninja -C "$root/build/$preset" -j "$(nproc)" "$@" 9>&- || exit
    if grep -q 'no work to do' "$log"; then
      say "build: up to date ($(seconds_since "$from") s)"
    else
      say "build: done ($(seconds_since "$from") s)"
    fi
  ) 9>"$root/build/.$preset.lock"
}
