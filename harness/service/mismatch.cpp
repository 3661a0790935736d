#include "service/mismatch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <strings.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace poolbench::service {

const std::string* header_in(const Answer& answer, const std::string& name) {
  const auto found = std::ranges::find_if(answer.headers, [&](const auto& header) {
    return ::strcasecmp(header.first.c_str(), name.c_str()) == 0;
  });
  return found == answer.headers.end() ? nullptr : &found->second;
}

std::string outline(const Answer& answer) {
  const std::string* const type = header_in(answer, "Content-Type");
  const std::string size =
      fmt::format("{} byte{}{}", answer.body.size(), answer.body.size() == 1 ? "" : "s",
                  type == nullptr ? "" : " of " + shown(base::printable(*type)));
  const base::Json json = base::parse_json(answer.body);
  if (!json.is_object() || json.empty()) return "its body has " + size;
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(base::printable(name));
  return fmt::format("its JSON has {} ({})", shown(fmt::format("{}", fmt::join(names, ", "))),
                     size);
}

namespace {

std::string wrong_headers(const Answer& answer, const Expected& expected) {
  for (const auto& [name, value] : expected.expect.headers) {
    const std::string wanted = text_of(value, expected.slots, expected.choices);
    const std::string* first = header_in(answer, name);
    if (first == nullptr) return fmt::format("the answer has no header {}", name);
    const bool is_there = std::ranges::any_of(answer.headers, [&](const auto& header) {
      return ::strcasecmp(header.first.c_str(), name.c_str()) == 0 && header.second == wanted;
    });
    if (is_there) continue;
    const std::string shown_wanted = shown_text(value, expected.slots, expected.choices);
    if (expected.is_secret) return fmt::format("the header {} is not {}", name, shown_wanted);
    return fmt::format("the header {} is {} instead of {}", name, shown(*first), shown_wanted);
  }
  return {};
}

/// What the body must be, in words; nothing if it is that.
std::optional<std::string> wanted_body(const Answer& answer, const Expected& expected) {
  const scenario::Expectation& expect = expected.expect;
  if (expect.body && answer.body != *expect.body) return shown(*expect.body);
  if (expect.json) {
    const auto got = base::parse_json(answer.body);
    if (got.is_discarded() || got != *expect.json) return base::json_dump(*expect.json);
  }
  if (expect.contains) {
    const std::string wanted = text_of(*expect.contains, expected.slots, expected.choices);
    if (answer.body.find(wanted) == std::string::npos) {
      return "one that contains " + shown_text(*expect.contains, expected.slots, expected.choices);
    }
  }
  if (expect.length && answer.body.size() != *expect.length) {
    return fmt::format("one of {} bytes", *expect.length);
  }
  return std::nullopt;
}

}  // namespace

std::string mismatch(const Answer& answer, const Expected& expected) {
  const std::vector<int>& statuses = expected.expect.statuses;
  if (!answer.failure.empty()) return answer.failure;
  if (std::ranges::find(statuses, answer.status) == statuses.end()) {
    return fmt::format(
        "status {} instead of {}{}", answer.status, fmt::join(statuses, " or "),
        expected.is_secret ? "; " + outline(answer) : ", body: " + shown(answer.body));
  }
  if (auto wrong = wrong_headers(answer, expected); !wrong.empty()) return wrong;
  const auto wanted = wanted_body(answer, expected);
  if (!wanted) return {};
  if (expected.is_secret) return fmt::format("the body is not {}; {}", *wanted, outline(answer));
  return fmt::format("the body is {} instead of {}", shown(answer.body), *wanted);
}

}  // namespace poolbench::service
