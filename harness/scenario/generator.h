#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {

/// What can be asked of a load generator. How it is run and read is the room load's affair.
struct Generator {
  std::string_view name{};
  bool open_loop = false;       ///< offers a rate, whatever the server does
  bool exact_count = false;     ///< sends a given number of requests
  bool close = false;           ///< can use a connection for each request
  bool threads = false;         ///< runs with the number of threads asked for
  bool shared_equally = false;  ///< each connection sends the same number of requests
  bool any_time = false;        ///< measures fractions of a second, too
  bool templates = false;       ///< fills {seq} and {nonce} into requests
};

/// All that a scenario may name, the native one first.
const std::vector<Generator>& generators();

/// Refuses, at the place of each setting, what the named generator cannot do, and says which ones
/// can. `target` may be incomplete.
void check_generator(TableReader& load, const LoadSettings& settings, const TargetSettings& target);

}  // namespace poolbench::scenario
