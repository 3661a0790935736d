// The options as one JSON document, which is how a program hands them over.
#include <algorithm>
#include <vector>

#include "base/text.h"
#include "generator/options.h"
#include "report/json_place.h"

namespace poolbench::generator {
namespace {

using base::Json;
using report::JsonPlace;

constexpr std::string_view kPoisson = "poisson", kConstant = "constant";

template <typename T, typename Struct>
concept Of = std::same_as<std::remove_const_t<T>, Struct>;

// Every member of every struct, by its name in JSON. Durations are in nanoseconds.

template <typename Io>
void members(Io& io, Of<base::Endpoint> auto& server) {
  io("host", server.host);
  io("port", server.port);
}

template <typename Io>
void members(Io& io, Of<Expectation> auto& expect) {
  io("statuses", expect.statuses);
  io("headers", expect.headers);
  io("length", expect.length);
  io("body", expect.body);
  io("contains", expect.contains);
}

template <typename Io>
void members(Io& io, Of<RequestSpec> auto& request) {
  io("name", request.name);
  io("method", request.method);
  io("target", request.target);
  io("headers", request.headers);
  io("body", request.body);
  io("body_is_plain", request.body_is_plain);
  io("expect", request.expect);
  io("weight", request.weight);
}

template <typename Io>
void members(Io& io, Of<ClientValue> auto& value) {
  io("word", value.word);
  io("values", value.values);
}

template <typename Io>
void members(Io& io, Of<LineFile> auto& file) {
  io("name", file.name);
  io("lines", file.lines);
}

template <typename Io>
void members(Io& io, Of<Turn> auto& turn) {
  io("start_ns", turn.start);
  io("slice_ns", turn.slice);
  io("index", turn.index);
  io("count", turn.count);
}

template <typename Io>
void members(Io& io, Of<Options> auto& options) {
  io("server", options.server);
  io("unix_socket", options.unix_socket);
  io("tls", options.tls);
  io("tls_verify", options.tls_verify);
  io("tls_ca_file", options.tls_ca_file);
  io("requests", options.requests);
  io("client_values", options.client_values);
  io("line_files", options.line_files);
  io("connections", options.connections);
  io("threads", options.threads);
  io("requests_per_connection", options.requests_per_connection);
  io("connect_ramp_ns", options.connect_ramp);
  io("warmup_ns", options.warmup);
  io("measure_ns", options.measure);
  io("request_count", options.request_count);
  io("timeout_ns", options.timeout);
  io("drain", options.drain);
  io("rate_requests_per_second", options.rate_hz);
  io("arrivals", options.arrivals);
  io("queue_limit", options.queue_limit);
  io("turn", options.turn);
  io("seed", options.seed);
  io("repeats_nonces", options.repeats_nonces);
}

struct AnyIo {
  void operator()(const char*, auto&) {}
};
template <typename T>
concept HasMembers = requires(AnyIo io, T& value) { members(io, value); };

bool is_utf8(std::string_view text) {
  while (const auto character = base::first_character(text)) text.remove_prefix(character->bytes);
  return text.empty();
}

class JobWriter {
 public:
  template <typename T>
  void operator()(const char* name, const T& value) {
    object_[name] = json_of(value);
  }

  template <HasMembers T>
  static Json json_of(const T& value) {
    JobWriter writer;
    members(writer, value);
    return std::move(writer.object_);
  }
  /// Bytes that JSON cannot hold as text are {"base64": "…"}.
  static Json json_of(const std::string& text) {
    return is_utf8(text) ? Json(text) : Json{{"base64", base::to_base64(text)}};
  }
  static Json json_of(base::Duration duration) { return duration.count(); }
  static Json json_of(base::SteadyTime time) { return time.time_since_epoch().count(); }
  static Json json_of(Arrivals arrivals) {
    return arrivals == Arrivals::kPoisson ? kPoisson : kConstant;
  }
  static Json json_of(const std::pair<std::string, std::string>& pair) {
    return Json::array({json_of(pair.first), json_of(pair.second)});
  }
  template <typename T>
  static Json json_of(const std::optional<T>& value) {
    return value ? json_of(*value) : Json(nullptr);
  }
  template <typename T>
  static Json json_of(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(json_of(value));
    return array;
  }
  template <typename T>
    requires std::is_arithmetic_v<T>
  static Json json_of(T value) {
    return value;
  }

 private:
  Json object_ = Json::object();
};

/// Reads the members of one object. What is absent keeps its value.
class JobReader {
 public:
  explicit JobReader(const JsonPlace& place) : place_(place) {}

  template <typename T>
  void operator()(const char* name, T& value) {
    known_.emplace_back(name);
    if (const JsonPlace member = place_[name]; member.present()) read(member, value);
  }

  template <HasMembers T>
  static void read(const JsonPlace& place, T& value) {
    JobReader reader(place);
    members(reader, value);
    place.each_member([&](const std::string& name, const JsonPlace& member) {
      if (std::ranges::find(reader.known_, name) == reader.known_.end()) member.fail("is unknown");
    });
  }

 private:
  static void read(const JsonPlace& place, std::string& text) {
    if (!place.json().is_object()) return place.to(text);
    std::string encoded;
    const JsonPlace member = place["base64"];
    member.to(encoded);
    auto bytes = base::from_base64(encoded);
    if (!bytes) return member.fail("is not base64");
    text = std::move(*bytes);
  }
  static void read(const JsonPlace& place, base::Duration& duration) {
    std::int64_t ns = 0;
    place.to(ns);
    duration = base::Duration(ns);
  }
  static void read(const JsonPlace& place, base::SteadyTime& time) {
    base::Duration since_boot{};
    read(place, since_boot);
    time = base::SteadyTime(since_boot);
  }
  static void read(const JsonPlace& place, std::uint16_t& port) {
    int number = 0;
    place.to(number);
    port = static_cast<std::uint16_t>(number);
    if (port != number) place.fail("is no port");
  }
  static void read(const JsonPlace& place, Arrivals& arrivals) {
    std::string word;
    place.to(word);
    arrivals = word == kPoisson ? Arrivals::kPoisson : Arrivals::kConstant;
    if (word != kPoisson && word != kConstant) place.fail("should be constant or poisson");
  }
  static void read(const JsonPlace& place, std::pair<std::string, std::string>& pair) {
    std::vector<std::string> both;
    read(place, both);
    if (both.size() != 2) return place.fail("should be a name and a value");
    pair = {std::move(both[0]), std::move(both[1])};
  }
  template <typename T>
  static void read(const JsonPlace& place, std::optional<T>& value) {
    read(place, value.emplace());
  }
  template <typename T>
  static void read(const JsonPlace& place, std::vector<T>& values) {
    values.clear();
    place.each([&](const JsonPlace& element) { read(element, values.emplace_back()); });
  }
  template <typename T>
    requires std::is_arithmetic_v<T>
  static void read(const JsonPlace& place, T& value) {
    place.to(value);
  }

  const JsonPlace& place_;
  std::vector<std::string> known_;
};

}  // namespace

Json to_json(const Options& options) { return JobWriter::json_of(options); }

base::Result<Options> options_from_json(std::string_view text) {
  const Json document = base::parse_json(text);
  if (document.is_discarded()) return base::bad_input("the job is not JSON");
  Options options;
  std::optional<base::Error> failure;
  JobReader::read(JsonPlace(document, failure), options);
  if (failure) {
    failure->message = "in the job " + failure->message;
    return tl::unexpected(std::move(*failure));
  }
  return options;
}

}  // namespace poolbench::generator
