#pragma once

#include <string>

#include "generator/request.h"
#include "scenario/target/target_requests.h"
#include "service/requests.h"

// Whether an answer is right.

namespace poolbench::service {

/// What an answer is compared with: an expectation, as this request meant it.
struct Expected {
  const scenario::Expectation& expect;
  const generator::Slots& slots;
  const generator::TextChoices& choices;
  bool is_secret = false;  ///< of a log-in: what it answers is told of in outline alone
};

/// Why the answer is not what it must be, in words; empty if it is right.
std::string mismatch(const Answer& answer, const Expected& expected);

/// The value of the header of that name, whatever its case; null if there is none.
const std::string* header_in(const Answer& answer, const std::string& name);

/// What a body has, without its values, which may be secret: "its JSON has access, refresh (57
/// bytes of application/json)".
std::string outline(const Answer& answer);

}  // namespace poolbench::service
