# Sourced by tools/test: what has been checked, and how it ended. Needs say, $root.

passed=0 failed=0 skipped=0
summary=()
tried_again=() # tests that failed and then passed

# count NAME PASSED FAILED SKIPPED
count() {
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
  summary+=("$(printf '%-32s %5d passed %5d failed %5d skipped' "$@")")
}

# attribute NAME JUNIT-FILE: of the outermost element.
attribute() { grep -o -m 1 " *\b$1=\"[0-9]*\"" "$2" | head -n 1 | tr -dc '0-9'; }

# names_tried_again LOG: of the tests that ctest's output shows to have failed before they passed, with the tries.
names_tried_again() {
  awk 'match($0, /Test +#[0-9]+: [^ ]+/) {
         name = substr($0, RSTART, RLENGTH)
         sub(/.*: /, "", name)
         ++tries[name]
         if (/ Passed /) passed[name]
       }
       END { for (name in passed) if (tries[name] > 1) print name " (passed at try " tries[name] ")" }' "$1" | sort
}

# count_ctest NAME FOLDER OPTION...: counts each of ctest's tests; there may be none.
count_ctest() {
  local name=$1 folder=$2 status=0 file=$root/build/ctest-${1//[ ,\/]/-} total bad off again
  shift 2
  rm -f "$file.xml"
  ctest --test-dir "$folder" --no-tests=ignore --output-on-failure --output-junit "$file.xml" "$@" |
    tee "$file.log" || status=$?
  if [[ ! -s $file.xml ]]; then
    count "$name" 0 1 0
    return
  fi
  total=$(attribute tests "$file.xml") bad=$(attribute failures "$file.xml")
  off=$(($(attribute disabled "$file.xml") + $(attribute skipped "$file.xml")))
  if ((status != 0 && bad == 0)); then bad=1 total=$((total + 1)); fi
  if ((total > 0)); then count "$name" $((total - bad - off)) "$bad" "$off"; fi
  while read -r again; do tried_again+=("tried again: $again"); done < <(names_tried_again "$file.log")
}

# run_ctest NAME FOLDER OPTION...: those labelled timing may try again, twice, since a busy machine may have failed them,
# and one after the other. The others may not: what fails in one run of three is a race. No tests at all is a failure.
run_ctest() {
  local name=$1 before=${#summary[@]}
  shift
  say "== $name"
  count_ctest "$name" "$@" -LE timing
  count_ctest "$name, timing" "$@" -L timing -j 1 --repeat until-pass:3
  if ((${#summary[@]} == before)); then count "$name" 0 1 0; fi
}
