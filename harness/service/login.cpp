#include "service/login.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/regex.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "service/mismatch.h"
#include "service/requests.h"

namespace poolbench::service {
namespace {

/// What one client has been given so far.
struct Jar {
  std::map<std::string, std::string> cookies;
  std::map<std::string, std::string> values;

  [[nodiscard]] std::string cookie_header() const {
    std::string text;
    for (const auto& [name, value] : cookies) {
      text += fmt::format("{}{}={}", text.empty() ? "" : "; ", name, value);
    }
    return text;
  }
  [[nodiscard]] std::vector<generator::ClientValue> as_values() const {
    std::vector<generator::ClientValue> all;
    for (const auto& [word, value] : values) all.push_back({word, {value}});
    all.push_back({scenario::TargetRequests::kCookiesWord, {cookie_header()}});
    return all;
  }
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// Of what RFC 6265 knows only the end of a cookie matters: there is one host, and "Secure" is what
// an application says in production, where TLS stands before it.
void take_cookies(const Answer& answer, Jar& jar) {
  for (const auto& [name, value] : answer.headers) {
    if (lower(name) != "set-cookie") continue;
    const std::size_t end = std::min(value.find(';'), value.size());
    const std::size_t equals = value.find('=');
    if (equals >= end || equals == 0) continue;
    const std::string cookie = value.substr(0, equals);
    const std::string attributes = lower(value.substr(end));
    const bool ends = attributes.find("max-age=0") != std::string::npos ||
                      attributes.find("expires=thu, 01 jan 1970") != std::string::npos;
    if (ends) {
      jar.cookies.erase(cookie);
    } else {
      jar.cookies[cookie] = value.substr(equals + 1, end - equals - 1);
    }
  }
}

std::optional<std::string> found_by_pointer(const Answer& answer, const std::string& pointer) {
  const base::Json json = base::parse_json(answer.body);
  const base::Json::json_pointer place(pointer);
  if (json.is_discarded() || !json.contains(place)) return std::nullopt;
  const base::Json& value = json.at(place);
  if (value.is_string()) return value.get<std::string>();
  return value.is_primitive() && !value.is_null() ? std::optional(base::json_dump(value))
                                                  : std::nullopt;
}

std::optional<std::string> found_by_regex(const Answer& answer, const std::string& regex) {
  boost::smatch groups;
  if (!boost::regex_search(answer.body, groups, boost::regex(regex))) return std::nullopt;
  return groups[1].str();
}

std::optional<std::string> value_in(const Answer& answer, const scenario::KeptValue& kept,
                                    const Jar& jar) {
  if (!kept.json.empty()) return found_by_pointer(answer, kept.json);
  if (!kept.regex.empty()) return found_by_regex(answer, kept.regex);
  if (!kept.header.empty()) {
    const std::string* header = header_in(answer, kept.header);
    return header == nullptr ? std::nullopt : std::optional(*header);
  }
  const auto cookie = jar.cookies.find(kept.cookie);
  return cookie == jar.cookies.end() ? std::nullopt : std::optional(cookie->second);
}

std::string way_of(const scenario::KeptValue& kept) {
  if (!kept.json.empty()) return fmt::format("the JSON value {}", kept.json);
  if (!kept.regex.empty()) return fmt::format("a text that matches {}", kept.regex);
  return kept.header.empty() ? fmt::format("the cookie {}", kept.cookie)
                             : fmt::format("the header {}", kept.header);
}

/// Cookies and kept values of an answer. Fails, in words, on one that is not there.
base::Result<void> take(const Answer& answer, const std::vector<scenario::KeptValue>& keep,
                        Jar& jar) {
  take_cookies(answer, jar);
  for (const scenario::KeptValue& kept : keep) {
    auto value = value_in(answer, kept, jar);
    if (!value) {
      return base::failed(fmt::format("the answer has not what is kept as {{{}}}, {}; {}",
                                      kept.name, way_of(kept), outline(answer)));
    }
    if (value->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return base::failed(fmt::format("what is kept as {{{}}} holds a line break", kept.name));
    }
    jar.values[kept.name] = *std::move(value);
  }
  return {};
}

class LogIn {
 public:
  LogIn(process::Supervisor& supervisor, const LoginPlace& place, std::size_t jars)
      : supervisor_(supervisor), place_(place), jars_(jars) {}

  base::Result<void> send(const scenario::LoginSpec& login) {
    if (login.for_each_client) {
      for (std::size_t first = 0; first < jars_.size(); first += std::size_t{kLoginsAtOnce}) {
        POOLBENCH_TRY(
            send_for(login, first, std::min(first + std::size_t{kLoginsAtOnce}, jars_.size())));
      }
      return {};
    }
    const auto answers = answers_to(login, 0, 1);
    POOLBENCH_TRY(answers);
    for (Jar& jar : jars_) POOLBENCH_TRY(explained(login, take(answers->front(), login.keep, jar)));
    return {};
  }

  /// By word: one value for each client.
  [[nodiscard]] std::vector<generator::ClientValue> values() const {
    std::vector<generator::ClientValue> all = jars_.front().as_values();
    for (std::size_t i = 1; i < jars_.size(); ++i) {
      const auto of_client = jars_[i].as_values();
      for (std::size_t k = 0; k < all.size(); ++k) {
        all[k].values.push_back(of_client[k].values.front());
      }
    }
    return all;
  }

 private:
  base::Result<void> send_for(const scenario::LoginSpec& login, std::size_t first,
                              std::size_t end) {
    const auto answers = answers_to(login, first, end);
    POOLBENCH_TRY(answers);
    for (std::size_t i = first; i < end; ++i) {
      POOLBENCH_TRY(explained(login, take((*answers)[i - first], login.keep, jars_[i])));
    }
    return {};
  }

  /// The answers to the clients from `first` to before `end`, all as they must be.
  base::Result<std::vector<Answer>> answers_to(const scenario::LoginSpec& login, std::size_t first,
                                               std::size_t end) {
    Question question{place_.server, {}, place_.limit};
    std::vector<std::vector<generator::ClientValue>> values;
    std::vector<generator::Slots> slots;
    for (std::size_t i = first; i < end; ++i) {
      const bool has_cookies = !jars_[i].cookies.empty();
      values.push_back(jars_[i].as_values());
      slots.push_back(probe_slots(i));
      question.requests.push_back(rendered(request_spec("login", login.request, 1, has_cookies),
                                           slots.back(), {values.back(), place_.line_files}));
    }
    auto answers = ask(supervisor_, question, place_.watched);
    if (!answers) return tl::unexpected(answers.error());
    for (std::size_t i = 0; i < answers->size(); ++i) {
      const generator::TextChoices choices{values[i], place_.line_files};
      const std::string why =
          mismatch((*answers)[i], {login.request.expect, slots[i], choices, true});
      if (!why.empty()) return fails(login, why);
    }
    return answers;
  }

  /// The request is shown as it is written: what is filled in may be secret.
  static tl::unexpected<base::Error> fails(const scenario::LoginSpec& login,
                                           const std::string& why) {
    return base::failed(
        fmt::format("the log-in {} {} fails: {}", login.request.method, login.request.path, why));
  }
  static base::Result<void> explained(const scenario::LoginSpec& login, base::Result<void> taken) {
    if (taken) return {};
    return fails(login, taken.error().message);
  }

  process::Supervisor& supervisor_;
  const LoginPlace& place_;
  std::vector<Jar> jars_;
};

}  // namespace

base::Result<std::vector<generator::ClientValue>> log_in(
    process::Supervisor& supervisor, const std::vector<scenario::LoginSpec>& logins,
    const LoginPlace& place) {
  if (logins.empty()) return {};
  const bool each = std::ranges::any_of(logins, &scenario::LoginSpec::for_each_client);
  LogIn log_in(supervisor, place, each ? static_cast<std::size_t>(place.clients) : 1);
  for (const scenario::LoginSpec& login : logins) {
    POOLBENCH_TRY(base::guarded([&] { return log_in.send(login); }));
  }
  return log_in.values();
}

}  // namespace poolbench::service
