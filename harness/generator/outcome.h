#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace poolbench::generator {

/// How one request ended: well, or in exactly one class of error.
enum class Outcome : std::uint8_t {
  kOk,
  kConnectRefused,
  kConnectTimeout,
  kConnectOther,  ///< TLS failures too
  kAddressUnavailable,
  kWrite,
  kReset,
  kEofBeforeResponse,
  kTruncated,
  kParse,
  kTimeout,
  kStatus4xx,
  kStatus5xx,
  kStatusOther,
  kWrongAnswer,
  kAbortedAtDeadline,
};

inline constexpr std::array<std::string_view, 16> kOutcomeNames = {"ok",
                                                                   "connect_refused",
                                                                   "connect_timeout",
                                                                   "connect_other",
                                                                   "address_unavailable",
                                                                   "write",
                                                                   "reset",
                                                                   "eof_before_response",
                                                                   "truncated",
                                                                   "parse",
                                                                   "timeout",
                                                                   "status_4xx",
                                                                   "status_5xx",
                                                                   "status_other",
                                                                   "wrong_answer",
                                                                   "aborted_at_deadline"};

/// The name the report uses.
constexpr std::string_view name_of(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

}  // namespace poolbench::generator
