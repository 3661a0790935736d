#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "generator/summary.h"
#include "load/job.h"
#include "report/measurement.h"

namespace poolbench::load {

/// A part of a trial for which the tool runs once.
struct Stretch {
  base::Duration length{};
  std::optional<std::uint64_t> requests;  ///< exactly so many, instead of the length
};

/// What a tool left behind.
struct ToolOutput {
  std::string text;            ///< its stdout, or that of the report command if there is one
  base::Duration wall_time{};  ///< from its start to its end
};

/// How one external load generator is found, run and read.
struct Driver {
  std::string_view name{};
  std::string_view program{};
  generator::Tags tags{};
  std::vector<std::string> version_arguments{};
  std::string_view identity{};          ///< text that only the right program prints with them
  std::string_view before_version{};    ///< what stands before its version there
  std::string_view install{};           ///< where it comes from, in words
  bool corrects_open_loop = false;      ///< at a rate its latencies count from the plan
  std::string_view threads_variable{};  ///< takes the number of threads, if no argument does
  /// Words with which it ends on a failure that only somebody who knows it understands, and what
  /// they mean.
  std::string_view failure_words{};
  std::string_view failure_meaning{};
  /// The arguments for a stretch; may write files into the job's folder.
  base::Result<std::vector<std::string>> (*arguments)(const Job&, const Stretch&) = nullptr;
  /// Arguments that make the tool print its report, for one that does so only afterwards.
  std::vector<std::string> (*report_arguments)(const Job&) = nullptr;
  /// Counts, rate and latencies of the measured stretch; name, version and tags are added later.
  base::Result<report::Measurement> (*read)(const Job&, const ToolOutput&) = nullptr;
};

/// All of them, in the order of scenario::generators().
const std::vector<Driver>& drivers();
/// Null for a name that is not there ("native").
const Driver* find_driver(std::string_view name);

extern const Driver kOha, kWrk, kAb, kHey, kK6, kVegeta, kH2load;

}  // namespace poolbench::load
