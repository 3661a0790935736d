#pragma once

#include <string>
#include <vector>

#include "generator/request.h"
#include "scenario/target/target_requests.h"
#include "service/ask.h"

// From what a target file says of a request to what is sent, and whether the answer is right.

namespace poolbench::service {

/// The endpoint's request as the load generator takes it. With `cookies` it sends those that the
/// log-ins kept.
generator::RequestSpec request_spec(const std::string& name, const scenario::EndpointSpec& endpoint,
                                    double weight, bool cookies);

/// The request with its placeholders filled.
HttpRequest rendered(const generator::RequestSpec& spec, const generator::Slots& slots,
                     const generator::TextChoices& choices);

/// "POST /orders/17".
std::string line_of(const HttpRequest& request);

/// What a request outside of the load puts in the place of placeholders: the number `seq` for the
/// client of that number, and anything where chance decides.
generator::Slots probe_slots(std::uint64_t seq);

/// What an answer is compared with: an expectation, as this request meant it.
struct Expected {
  const scenario::Expectation& expect;
  const generator::Slots& slots;
  const generator::TextChoices& choices;
};

/// Why the answer is not what it must be, in words; empty if it is right.
std::string mismatch(const Answer& answer, const Expected& expected);

/// The value of the header of that name, whatever its case; null if there is none.
const std::string* header_in(const Answer& answer, const std::string& name);

/// As much of a text as a message can hold.
std::string shown(const std::string& text);

}  // namespace poolbench::service
