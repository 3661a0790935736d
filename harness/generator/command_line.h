#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>

#include "generator/find_rate.h"
#include "generator/options.h"

namespace poolbench::generator {

/// How the program says what it measured.
enum class Output {
  kText,    ///< for people, with a live view on a terminal
  kJson,    ///< the same as JSON that people can read
  kEvents,  ///< a line of JSON as each phase begins, then the measurement in one line
};

/// What the program is to do.
struct Command {
  Options options;
  Output output = Output::kText;
  std::optional<Objective>
      find_rate;  ///< find the highest rate that meets it, by many measurements
};

/// Gives the program its options. When they have been parsed, `act` gets the command: that of the
/// words, or with --job that of the JSON document on stdin. kBadInput for what makes no sense.
void add_options(CLI::App& app, const std::function<void(const base::Result<Command>&)>& act);

}  // namespace poolbench::generator
