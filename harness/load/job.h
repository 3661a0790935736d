#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "generator/turns.h"
#include "scenario/scenario.h"

namespace poolbench::load {

/// What a generator is to do in one trial.
struct Job {
  base::Url url;  ///< its target may hold {nonce} and {seq}
  scenario::LoadSettings settings;
  int expect_status = 200;
  std::optional<std::string> expect_body;      ///< exact bytes
  std::optional<std::string> expect_contains;  ///< may hold {nonce}
  std::optional<std::uint64_t> expect_length;
  std::optional<generator::Turn> turn;  ///< with others
  std::filesystem::path folder;         ///< of the trial; for logs and scripts
  std::vector<int> cpus;
};

}  // namespace poolbench::load
