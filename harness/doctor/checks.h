#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/machine.h"

namespace poolbench::doctor {

enum class State {
  kOk,
  kAdvice,    ///< measurements are worse with it than without
  kMustMend,  ///< no run is possible
  kNotKnown,  ///< it cannot be read here
};

/// What a check found.
struct Verdict {
  State state = State::kOk;
  std::string text;  ///< a short line; where the state is kNotKnown, the reason
  std::string next;  ///< the command that mends it, or what to do; empty where nothing is to do
};

inline Verdict ok(std::string text) { return {State::kOk, std::move(text), {}}; }
inline Verdict advice(std::string text, std::string next) {
  return {State::kAdvice, std::move(text), std::move(next)};
}
inline Verdict must_mend(std::string text, std::string next) {
  return {State::kMustMend, std::move(text), std::move(next)};
}
inline Verdict not_known(std::string reason) { return {State::kNotKnown, std::move(reason), {}}; }

/// One thing that may be wrong with a machine.
struct Check {
  std::string_view name;   ///< in JSON
  std::string_view label;  ///< for people
  Verdict (*look)(const Machine&);
};

/// All of them, in the order in which people see them.
const std::vector<Check>& checks();

// Processors and memory: checks_of_hardware.cpp.
Verdict check_governor(const Machine& machine);
Verdict check_boost(const Machine& machine);
Verdict check_steal(const Machine& machine);
Verdict check_other_load(const Machine& machine);
Verdict check_cpu_quota(const Machine& machine);
Verdict check_memory(const Machine& machine);
Verdict check_huge_pages(const Machine& machine);
Verdict check_swapping(const Machine& machine);

// Limits and room: checks_of_limits.cpp.
Verdict check_open_files(const Machine& machine);
Verdict check_ports(const Machine& machine);
Verdict check_backlog(const Machine& machine);
Verdict check_scratch(const Machine& machine);
Verdict check_cache(const Machine& machine);
Verdict check_results(const Machine& machine);

// Programs and other runs: checks_of_software.cpp.
Verdict check_postgres(const Machine& machine);
Verdict check_user(const Machine& machine);
Verdict check_generators(const Machine& machine);
Verdict check_docker(const Machine& machine);
Verdict check_lock(const Machine& machine);
Verdict check_leftovers(const Machine& machine);

}  // namespace poolbench::doctor
