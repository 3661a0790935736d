#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/placeholder.h"

// What a target can be asked: its endpoints, how to log in, and the files that requests draw from.

namespace poolbench::scenario {

class TableReader;

/// A text that can be a method or the name of a header (a token, RFC 9110, 5.6.2).
bool is_http_token(std::string_view text);

/// Whether a text would end the line of a header.
bool has_line_break(std::string_view text);

/// Why a text is no JSON pointer; empty if it is one.
std::string wrong_pointer(const std::string& text);

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What an endpoint must answer. At most one of body, json, contains, length is set.
struct Expectation {
  std::vector<int> statuses{200};       ///< any of these
  Headers headers;                      ///< exactly these values, which may hold placeholders
  std::optional<std::string> body;      ///< exact bytes
  std::optional<base::Json> json;       ///< equal as JSON
  std::optional<std::string> contains;  ///< may hold placeholders
  std::optional<std::uint64_t> length;  ///< body length in bytes
};

/// A request and its answer. Path, header values and body may hold placeholders.
struct EndpointSpec {
  std::string method = "GET";
  std::string path;
  Headers headers;
  std::string body;
  bool body_is_plain = false;  ///< from a file: it is sent as it is
  bool database = true;        ///< false: answering must open no database session
  bool writes = false;         ///< it changes the database
  bool login = true;           ///< asked by clients that have logged in, where there are log-ins
  Expectation expect;
};

/// A value that is taken out of the answer to a log-in, by one of the ways, and is a placeholder of
/// that name from then on.
struct KeptValue {
  std::string name{};
  std::string json{};    ///< a JSON pointer into the body
  std::string regex{};   ///< its first group, found in the body
  std::string header{};  ///< the header's value
  std::string cookie{};  ///< the cookie's value
};

/// A request that is sent before the load. Cookies are kept always.
struct LoginSpec {
  EndpointSpec request;
  bool for_each_client = false;  ///< once for each of load.connections; else once for all
  std::vector<KeptValue> keep;
};

/// A file beside target.toml that requests are made of.
struct RequestFile {
  std::string sha256;
  std::vector<std::string> lines;  ///< of {pick:FILE}, those that are not empty; of a body none
};

struct TargetRequests {
  std::map<std::string, EndpointSpec> endpoints;
  std::vector<LoginSpec> logins;
  std::map<std::string, RequestFile> files;  ///< by name, as it is written

  /// For a log-in {login.cookies} is the cookies kept until then, as the header Cookie has them.
  static constexpr const char* kCookiesWord = "login.cookies";
};

/// The tables [endpoint.NAME] and [[login]] of a target.toml that stands in `folder`. Their texts
/// may hold `words`, too.
TargetRequests read_requests(TableReader& top, const std::filesystem::path& folder,
                             const base::OtherWords& words);

/// The texts of a request and its expectation that may hold placeholders.
std::vector<std::string*> texts_of(EndpointSpec& request);

}  // namespace poolbench::scenario
