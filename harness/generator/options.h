#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "generator/turns.h"

namespace poolbench::generator {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What a good answer is. Without statuses, any 2xx is good.
struct Expectation {
  std::vector<int> statuses{};  ///< any of these
  Headers headers{};            ///< each with exactly this value, which may hold placeholders
  std::optional<std::uint64_t> length{};  ///< of the body, in bytes
  std::optional<std::string> body{};      ///< exactly these bytes
  std::optional<std::string> contains{};  ///< may hold placeholders
};

/// One kind of request. Placeholders are replaced in target, header values and body: {seq} (a
/// number that never repeats in a run), {seq:A..B} (the same, from A to B and again from A),
/// {nonce} (16 hexadecimal digits, never repeated between runs either), {random:A..B}, {pick:FILE}
/// (a line of one of Options::line_files) and the words of Options::client_values. The same
/// placeholder means the same text within a request and what is expected of its answer.
struct RequestSpec {
  std::string name{};  ///< of the endpoint; empty: it has none
  std::string method = "GET";
  std::string target = "/";
  Headers headers{};
  std::string body{};
  bool body_is_plain = false;  ///< it is sent as it is, whatever looks like a placeholder
  Expectation expect{};
  double weight = 1;  ///< its share of the requests, relative to the other kinds
};

enum class Arrivals { kConstant, kPoisson };

/// A word and what it stands for, for each client: connection i is client i modulo their number.
struct ClientValue {
  std::string word;
  std::vector<std::string> values;
};

/// What {pick:NAME} chooses from.
struct LineFile {
  std::string name;
  std::vector<std::string> lines;
};

/// Everything that decides what load is offered: the job of the generator.
struct Options {
  base::Endpoint server;
  std::string unix_socket;  ///< path; then `server` only fills the Host header
  bool tls = false;
  bool tls_verify = true;
  std::string tls_ca_file;  ///< PEM; empty: the system's

  std::vector<RequestSpec> requests = {RequestSpec{}};
  std::vector<ClientValue> client_values;
  std::vector<LineFile> line_files;
  int connections = 1;
  int threads = 1;
  /// Closes each connection after that many requests; 1 says "Connection: close"; 0 means never.
  std::uint64_t requests_per_connection = 0;
  base::Duration connect_ramp{};  ///< the connections begin evenly over this time

  base::Duration warmup{};
  base::Duration measure = std::chrono::seconds(10);
  /// If not 0: measure exactly that many instead, for at most `measure` (0: however long it takes).
  std::uint64_t request_count = 0;
  /// Of one request, from when it is taken up (connecting included, queueing not) to its last byte.
  base::Duration timeout = std::chrono::seconds(10);
  bool drain = true;  ///< at the end of the time await what is in flight; else abort it

  double rate_hz = 0;  ///< not 0: open loop
  Arrivals arrivals = Arrivals::kConstant;
  std::size_t queue_limit = 65536;  ///< open loop: what waits for a free connection, all threads
  std::optional<Turn> turn;         ///< closed loop: take turns with other generators
  /// Of arrivals, the mix of requests, and what is drawn for {random} and {pick}.
  std::optional<std::uint64_t> seed;
  bool repeats_nonces = true;  ///< with a seed nonces follow from it, too
};

/// The texts of a request in which placeholders are replaced.
std::vector<std::string*> texts_of(RequestSpec& request);
std::vector<const std::string*> texts_of(const RequestSpec& request);

/// The files that its {pick:FILE} name, some perhaps twice.
std::vector<std::string> picked_files(const RequestSpec& request);

/// All members of the options as one JSON document.
base::Json to_json(const Options& options);
/// What such a document says; what it does not say is as in Options{}. kBadInput names the member
/// that is wrong or unknown. Whether they can be run, validate() says.
base::Result<Options> options_from_json(std::string_view text);

/// kBadInput for what cannot be run, naming the option in words. The limits are those of a
/// scenario.
base::Result<void> validate(const Options& options);

/// Whether a generator may open so many connections: kBadInput, saying what to set, if more file
/// descriptors are needed than the hard `limit` allows.
base::Result<void> check_descriptors(int connections, int threads, const rlimit& limit);

/// The same for the limit of this process, which a child has, too.
base::Result<void> check_descriptors(int connections, int threads);

/// Raises the soft limit of this process to the hard one if that is needed. Fails as
/// check_descriptors() does; kFailed if the kernel refuses.
base::Result<void> provide_descriptors(int connections, int threads);

}  // namespace poolbench::generator
