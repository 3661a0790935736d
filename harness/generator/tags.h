#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.h"

namespace poolbench::generator {

/// What the figures of a generator mean. Latencies of two generators may be compared only as far as
/// these agree.
struct Tags {
  /// What becomes of requests that a stalled server keeps from being sent. "omitted": they are
  /// missing; "backfilled": the tool invents samples for them; "none": they are sent and their wait
  /// is part of their latency.
  std::string_view coordinated_omission = "omitted";
  bool includes_connect = false;  ///< connecting is part of the latency
  double resolution_us = 1;       ///< of latencies, as far as the tool's output tells them
  std::optional<std::uint64_t> sample_cap{};  ///< the tool keeps no more latencies than that
  bool errors_in_latency = false;             ///< failed requests are among the latencies
  std::string_view checks = "status";         ///< what of an answer: "status, body", "status", …
};

/// Of the native generator.
inline constexpr Tags kNativeTags{.includes_connect = true, .checks = "status, whole body"};

inline base::Json to_json(const Tags& tags) {
  return {{"coordinated_omission", tags.coordinated_omission},
          {"includes_connect", tags.includes_connect},
          {"resolution_us", tags.resolution_us},
          {"sample_cap", base::or_null(tags.sample_cap)},
          {"errors_in_latency", tags.errors_in_latency},
          {"checks", tags.checks}};
}

}  // namespace poolbench::generator
