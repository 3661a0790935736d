#include "scenario/target/target_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/regex.hpp>
#include <cctype>

#include "base/file.h"
#include "base/text.h"
#include "scenario/target/program_reading.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

constexpr std::int64_t kFirstStatus = 100, kLastStatus = 599;

/// Reads the requests of one target: what one of them keeps or names, others may use.
class RequestReader {
 public:
  RequestReader(std::filesystem::path folder, base::OtherWords words)
      : folder_(std::move(folder)), words_(std::move(words)) {}

  void read_logins(TableReader& top);
  void read_endpoints(TableReader& top);
  TargetRequests take() { return std::move(requests_); }

 private:
  EndpointSpec read_request(TableReader& reader);
  void read_body(TableReader& reader, EndpointSpec& request);
  Expectation read_expectation(TableReader& endpoint);
  void read_keep(TableReader& login, LoginSpec& spec);
  void refuse_kept(TableReader& reader, const EndpointSpec& endpoint) const;
  /// Placeholders of a value that is sent or expected, and the files they name.
  void check(TableReader& reader, std::string_view key);
  void add_file(TableReader& reader, const Place& place, const std::string& path,
                const std::string& name, bool has_lines);

  std::filesystem::path folder_;
  base::OtherWords words_;  // known in all of them
  base::OtherWords kept_;   // by the log-ins so far
  TargetRequests requests_;
};

Headers read_headers(TableReader& reader, std::string_view key) {
  Headers headers;
  for (const auto& [name, value] : reader.text_by_name(key)) {
    if (is_http_token(name) && !has_line_break(value)) {
      headers.emplace_back(name, value);
    } else {
      reader.refuse(key, fmt::format("holds what is no header: {}", in_quotes(name)),
                    "write { Name = \"value\" }, with neither spaces nor ':' in the name");
    }
  }
  return headers;
}

bool has_header(const Headers& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& header) {
    return std::ranges::equal(header.first, name, [](unsigned char a, unsigned char b) {
      return std::tolower(a) == std::tolower(b);
    });
  });
}

/// A status, or a list of them.
std::vector<int> read_statuses(TableReader& reader) {
  const Setting* value = reader.any("status");
  if (value == nullptr || !value->is_list()) {
    const auto status = reader.integer("status", kFirstStatus, kLastStatus);
    return {static_cast<int>(status.value_or(200))};
  }
  std::vector<int> statuses;
  for (const Setting& item : value->items) {
    const bool is_status = item.kind == Setting::Kind::kInteger &&
                           item.scalar.get<std::int64_t>() >= kFirstStatus &&
                           item.scalar.get<std::int64_t>() <= kLastStatus;
    if (is_status) {
      statuses.push_back(item.scalar.get<int>());
    } else {
      reader.mistakes().add(item.place, fmt::format("{} must hold statuses from {} to {}, found {}",
                                                    reader.path("status"), kFirstStatus,
                                                    kLastStatus, describe(item)));
    }
  }
  if (value->items.empty()) reader.refuse("status", "holds no status");
  return statuses;
}

void RequestReader::add_file(TableReader& reader, const Place& place, const std::string& path,
                             const std::string& name, bool has_lines) {
  const auto text = base::read_file(folder_ / name);
  if (!text) {
    reader.mistakes().add(
        place, fmt::format("{} names {}: {}", path, in_quotes(name), text.error().message),
        fmt::format("it is looked for at {}", (folder_ / name).string()));
    return;
  }
  RequestFile& file = requests_.files[name];
  file.sha256 = base::sha256_hex(*text);
  if (!has_lines) return;
  file.lines = base::lines_of(*text);
  if (file.lines.empty()) {
    reader.mistakes().add(place, fmt::format("{}: {} has no line to pick", path, in_quotes(name)));
  }
}

void RequestReader::check(TableReader& reader, std::string_view key) {
  base::OtherWords others = words_;
  others.insert(others.end(), kept_.begin(), kept_.end());
  check_placeholders(reader, key, base::TextPlace::kRequest, others);
  const Setting* value = reader.any(key);
  if (value == nullptr) return;
  std::vector<const Setting*> texts{value};
  for (const Setting::Member& member : value->members) texts.push_back(&member.value);
  for (const Setting* text : texts) {
    if (!text->is_string()) continue;
    for (const base::Placeholder& found : base::Template(text->text()).placeholders) {
      constexpr bool kHasLines = true;
      if (found.word != base::kPickWord || found.argument.empty()) continue;
      add_file(reader, text->place, reader.path(key), found.argument, kHasLines);
    }
  }
}

Expectation RequestReader::read_expectation(TableReader& endpoint) {
  Expectation expect;
  TableReader reader = table_below(endpoint, "expect");
  expect.statuses = read_statuses(reader);
  expect.headers = read_headers(reader, "headers");
  check(reader, "headers");
  expect.body = plain_text(reader, "body");
  if (const Setting* json = reader.any("json")) expect.json = to_json(*json);
  expect.contains = reader.text("contains");
  check(reader, "contains");
  if (const auto length = reader.integer("length", 0)) {
    expect.length = static_cast<std::uint64_t>(*length);
  }
  reader.refuse_unknown();
  if (int(expect.body.has_value()) + int(expect.json.has_value()) +
          int(expect.contains.has_value()) + int(expect.length.has_value()) >
      1) {
    endpoint.refuse("expect", "may have only one of body, json, contains and length");
  }
  return expect;
}

void RequestReader::read_body(TableReader& reader, EndpointSpec& request) {
  request.body = reader.text("body").value_or("");
  check(reader, "body");
  const std::string file = reader.text("body_file").value_or("");
  if (!file.empty()) {
    if (reader.has("body")) reader.refuse("body_file", "and body exclude each other");
    constexpr bool kHasLines = false;
    add_file(reader, reader.place("body_file"), reader.path("body_file"), file, kHasLines);
    request.body = base::read_file(folder_ / file).value_or("");
    request.body_is_plain = true;
  }
  const auto type = reader.text("content_type");
  if (!type) return;
  if (has_line_break(*type)) {
    reader.refuse("content_type", "holds a line break");
  } else if (has_header(request.headers, "Content-Type")) {
    reader.refuse("content_type", "and the header Content-Type exclude each other");
  } else {
    request.headers.emplace_back("Content-Type", *type);
  }
}

EndpointSpec RequestReader::read_request(TableReader& reader) {
  EndpointSpec request;
  request.method = reader.text("method").value_or("GET");
  if (!is_http_token(request.method) || request.method == "CONNECT") {
    reader.refuse("method", "must be an HTTP method such as \"POST\"");
  }
  request.path = reader.required_text("path");
  check(reader, "path");
  if (reader.has("path") && !request.path.starts_with('/')) {
    reader.refuse("path", "must start with \"/\"");
  } else if (request.path.find_first_of(" \t\r\n") != std::string::npos) {
    reader.refuse("path", "holds a space", "write it as %20");
  }
  request.headers = read_headers(reader, "headers");
  check(reader, "headers");
  read_body(reader, request);
  request.expect = read_expectation(reader);
  return request;
}

std::string wrong_regex(const std::string& text) {
  try {
    if (boost::regex(text).mark_count() == 0) return "has no group: put what is kept in ( )";
    return {};
  } catch (const boost::regex_error& error) {
    return fmt::format("is no regular expression: {}", error.what());
  }
}

void RequestReader::read_keep(TableReader& login, LoginSpec& spec) {
  const Setting* table = login.table("keep");
  if (table == nullptr) return;
  std::vector<std::string> known = base::known_words(base::TextPlace::kRequest);
  known.insert(known.end(), words_.begin(), words_.end());
  for (const Setting::Member& member : table->members) {
    const std::string path = path_below(login.path("keep"), member.key);
    const std::string in_braces = fmt::format("{{{}}}", member.key);
    const auto words = base::Template(in_braces).placeholders;
    const bool is_word = words.size() == 1 && words.front().argument.empty();
    if (!is_word || member.key.starts_with("login.") ||
        std::ranges::find(known, member.key) != known.end()) {
      login.mistakes().add(member.key_place,
                           fmt::format("{} cannot be the name of a placeholder of its own", path),
                           "use lower-case letters, digits and _, and none of the words that "
                           "requests know");
      continue;
    }
    TableReader reader(&member.value, path, member.key_place, login.mistakes());
    KeptValue kept{member.key, reader.text("json").value_or(""), reader.text("regex").value_or(""),
                   reader.text("header").value_or(""), reader.text("cookie").value_or("")};
    reader.refuse_unknown();
    const int ways = int(reader.has("json")) + int(reader.has("regex")) +
                     int(reader.has("header")) + int(reader.has("cookie"));
    if (ways != 1) {
      login.mistakes().add(
          member.value.place, fmt::format("{} must say where the value is found", path),
          "write one of json = \"/pointer\", regex = \"(…)\", header = \"NAME\" and "
          "cookie = \"NAME\"");
    }
    if (const auto wrong = wrong_regex(kept.regex); reader.has("regex") && !wrong.empty()) {
      reader.refuse("regex", wrong);
    }
    if (const auto wrong = wrong_pointer(kept.json); reader.has("json") && !wrong.empty()) {
      reader.refuse("json", wrong);
    }
    kept_.push_back(kept.name);
    spec.keep.push_back(std::move(kept));
  }
}

void RequestReader::read_logins(TableReader& top) {
  for (const Setting* table : top.tables("login")) {
    TableReader reader(table, "login", table->place, top.mistakes());
    LoginSpec login;
    login.request = read_request(reader);
    login.for_each_client = reader.choice("scope", {"once", "client"}) == "client";
    read_keep(reader, login);
    reader.refuse_unknown();
    requests_.logins.push_back(std::move(login));
  }
}

void RequestReader::refuse_kept(TableReader& reader, const EndpointSpec& endpoint) const {
  for (const std::string& word : kept_) {
    const auto holds = [&](const std::string& text) { return base::holds_word(text, word); };
    const bool in_headers = std::ranges::any_of(
        endpoint.headers, [&](const auto& header) { return holds(header.second); });
    if (!in_headers && !holds(endpoint.path) && !holds(endpoint.body)) continue;
    reader.refuse("login",
                  fmt::format("= false does not go with {{{}}}, which a log-in keeps", word),
                  "leave it out");
  }
}

void RequestReader::read_endpoints(TableReader& top) {
  const Setting* tables = top.table("endpoint");
  if (tables == nullptr || tables->members.empty()) {
    top.refuse_missing("endpoint", "describe at least one: [endpoint.NAME] with path and expect");
    return;
  }
  for (const Setting::Member& member : tables->members) {
    TableReader reader(&member.value, path_below("endpoint", member.key), member.key_place,
                       top.mistakes());
    EndpointSpec endpoint = read_request(reader);
    endpoint.database = reader.boolean("database").value_or(true);
    endpoint.writes = reader.boolean("writes").value_or(false);
    endpoint.login = reader.boolean("login").value_or(true);
    if (!endpoint.login) refuse_kept(reader, endpoint);
    reader.refuse_unknown();
    requests_.endpoints[member.key] = std::move(endpoint);
  }
}

}  // namespace

bool is_http_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](unsigned char c) {
    return std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

std::string wrong_pointer(const std::string& text) {
  try {
    [[maybe_unused]] const base::Json::json_pointer pointer(text);
    return {};
  } catch (const base::Json::exception&) {
    return "is no JSON pointer: write it as \"/access\" or \"/items/0/id\"";
  }
}

std::vector<std::string*> texts_of(EndpointSpec& request) {
  std::vector<std::string*> texts{&request.path};
  for (auto& [name, value] : request.headers) texts.push_back(&value);
  if (!request.body_is_plain) texts.push_back(&request.body);
  for (auto& [name, value] : request.expect.headers) texts.push_back(&value);
  if (request.expect.contains) texts.push_back(&*request.expect.contains);
  return texts;
}

TargetRequests read_requests(TableReader& top, const std::filesystem::path& folder,
                             const base::OtherWords& words) {
  RequestReader reader(folder, words);
  reader.read_logins(top);
  reader.read_endpoints(top);
  return reader.take();
}

}  // namespace poolbench::scenario
