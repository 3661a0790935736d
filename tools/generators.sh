# Sourced by tools/setup: the load generators beside the native one. Needs say, quietly, $root.
#
# Versions are the newest that the compilers of both Debian 12 and Debian 13 build: oha 1.11.0 wants
# Rust 1.85 (Debian 13 has it; Debian 12's own cargo is 0.66 and too old, its cargo-web is not), and
# Debian 12's Go is 1.19.

all_generators="oha wrk ab hey k6 vegeta h2load"
oha_version=1.11.0 oha_rust=1.85
k6_version=0.46.0
vegeta_version=12.11.1

# Where poolbench looks for them (harness/run/cache.h): a relative XDG_CACHE_HOME does not count.
generators_folder() {
  local cache=${XDG_CACHE_HOME:-}
  [[ $cache == /* ]] || cache=${HOME:-$(getent passwd "$(id -u)" | cut -d : -f 6)}/.cache
  echo "${POOLBENCH_CACHE:-$cache/poolbench}/generators"
}

# at_least WANTED FOUND
at_least() { [[ $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

has_cargo() {
  local found
  found=$(rustc --version 2>/dev/null | cut -d ' ' -f 2) || return
  command -v cargo >/dev/null && at_least "$oha_rust" "${found:-0}"
}

# is_built NAME: in the version that is wanted.
is_built() {
  local program version=${1}_version
  program=$(generators_folder)/bin/$1
  case $1 in
    vegeta) [[ $("$program" -version 2>/dev/null) == *"${!version}"* ]] ;;
    k6) [[ $("$program" version 2>/dev/null) == *"${!version}"* ]] ;;
    *) [[ $("$program" --version 2>/dev/null) == *"${!version}"* ]] ;;
  esac
}

# generator_packages RELEASE NAME...: the Debian packages that they are, or are built with.
generator_packages() {
  local release=$1 name
  shift
  for name in "$@"; do
    case $name in
      ab) echo apache2-utils ;;
      h2load) echo nghttp2-client ;;
      wrk | hey) echo "$name" ;;
      oha)
        if is_built oha; then continue; fi
        echo make # for its allocator
        if has_cargo; then continue; fi
        if [[ $release == 12 ]]; then echo cargo-web; else echo cargo; fi
        ;;
      *) if ! is_built "$name" && ! command -v go >/dev/null; then echo golang-go; fi ;;
    esac
  done
}

# With OpenSSL for TLS, which is here: to build rustls' own takes as long as all the rest.
build_oha() {
  local folder
  folder=$(generators_folder)
  if ! has_cargo; then
    say "setup: oha $oha_version needs cargo and Rust $oha_rust or later; here is: $(rustc --version 2>&1)"
    return 3
  fi
  CARGO_TARGET_DIR=$folder/build quietly "$root/build/setup-oha.log" \
    cargo install --locked --version "$oha_version" --no-default-features --features native-tls \
    --root "$folder" --no-track --force oha || return
  rm -rf "$folder/build"
}

# build_go NAME PACKAGE LINKER-FLAGS: with the Go that is here, never one that it would fetch.
build_go() {
  if ! command -v go >/dev/null; then
    say "setup: $1 needs Go, which is not installed"
    return 3
  fi
  GOBIN=$(generators_folder)/bin GOTOOLCHAIN=local GOFLAGS='' \
    quietly "$root/build/setup-$1.log" go install -ldflags "$3" "$2"
}

# build_generators NAME...: those that are built, unless they are there.
build_generators() {
  local name from failed=0
  for name in "$@"; do
    case $name in oha | k6 | vegeta) ;; *) continue ;; esac
    if is_built "$name"; then
      say "setup: $name is there: $(generators_folder)/bin/$name"
      continue
    fi
    from=$(now_us)
    say "setup: building $name (minutes; log: $root/build/setup-$name.log)"
    case $name in
      oha) build_oha ;;
      k6) build_go k6 "go.k6.io/k6@v$k6_version" "-s -w" ;;
      vegeta)
        build_go vegeta "github.com/tsenart/vegeta/v12@v$vegeta_version" \
          "-s -w -X main.Version=$vegeta_version"
        ;;
    esac || { failed=3; continue; }
    say "setup: $name is built ($(seconds_since "$from") s)"
  done
  return "$failed"
}
