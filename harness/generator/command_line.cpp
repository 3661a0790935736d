#include "generator/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"

namespace poolbench::generator {
namespace {

// What the command line says, as text; read_options() makes the load's options of it.
struct LoadWords {
  std::vector<std::string> urls;
  std::vector<double> weights;
  Options options;
  std::string warmup = "0s", measure = "10s", timeout = "10s", ramp = "0s";
  bool measure_is_given = false;
  std::string arrivals = "constant";
  std::string method = "GET", body, body_file;
  std::vector<std::string> headers, expect_headers;
  std::vector<int> expect_statuses;
  std::string expect_body_file, expect_contains;
  std::int64_t expect_length = -1;
  bool close = false, abort = false, insecure = false;
  std::string find_rate;
  bool json = false, job = false;
};

base::Result<void> read_durations(LoadWords& words) {
  const std::pair<const std::string&, base::Duration&> all[] = {
      {words.warmup, words.options.warmup},
      {words.measure, words.options.measure},
      {words.timeout, words.options.timeout},
      {words.ramp, words.options.connect_ramp}};
  for (const auto& [text, duration] : all) {
    const auto parsed = base::parse_duration(text);
    POOLBENCH_TRY(parsed);
    duration = *parsed;
  }
  return {};
}

base::Result<Headers> read_headers(const std::vector<std::string>& texts) {
  Headers headers;
  for (const std::string& header : texts) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) {
      return base::bad_input(fmt::format("\"{}\" is not a header", header), {},
                             "write it as \"Name: value\"");
    }
    const std::size_t value = header.find_first_not_of(" \t", colon + 1);
    headers.emplace_back(header.substr(0, colon),
                         value == std::string::npos ? "" : header.substr(value));
  }
  return headers;
}

base::Result<RequestSpec> read_request(const LoadWords& words) {
  RequestSpec spec;
  spec.method = words.method;
  spec.body = words.body;
  if (!words.body_file.empty()) {
    auto body = base::read_file(words.body_file);
    POOLBENCH_TRY(body);
    spec.body = std::move(*body);
  }
  auto headers = read_headers(words.headers), expected = read_headers(words.expect_headers);
  POOLBENCH_TRY(headers);
  POOLBENCH_TRY(expected);
  spec.headers = std::move(*headers);
  spec.expect.headers = std::move(*expected);
  spec.expect.statuses = words.expect_statuses;
  if (words.expect_length >= 0) {
    spec.expect.length = static_cast<std::uint64_t>(words.expect_length);
  }
  if (!words.expect_contains.empty()) spec.expect.contains = words.expect_contains;
  if (!words.expect_body_file.empty()) {
    auto body = base::read_file(words.expect_body_file);
    POOLBENCH_TRY(body);
    spec.expect.body = std::move(*body);
  }
  return spec;
}

base::Result<void> read_urls(LoadWords& words, const RequestSpec& spec) {
  if (!words.weights.empty() && words.weights.size() != words.urls.size()) {
    return base::bad_input("there must be one --weight for each URL, or none");
  }
  words.options.requests.clear();
  for (std::size_t i = 0; i < words.urls.size(); ++i) {
    const auto url = base::parse_url(words.urls[i]);
    POOLBENCH_TRY(url);
    if (i > 0 && (url->tls != words.options.tls || url->endpoint != words.options.server)) {
      return base::bad_input("all URLs must be of one server", words.urls[i]);
    }
    words.options.tls = url->tls;
    words.options.server = url->endpoint;
    RequestSpec& request = words.options.requests.emplace_back(spec);
    request.target = request.name = url->target;
    if (!words.weights.empty()) request.weight = words.weights[i];
  }
  return {};
}

// Their names are as they are written in {pick:FILE}, seen from the working folder.
base::Result<void> read_line_files(Options& options) {
  std::set<std::string> names;
  for (const RequestSpec& request : options.requests) {
    for (std::string& name : picked_files(request)) names.insert(std::move(name));
  }
  for (const std::string& name : names) {
    const auto text = base::read_file(name);
    POOLBENCH_TRY(text);
    options.line_files.push_back({name, base::lines_of(*text)});
  }
  return {};
}

base::Result<Options> read_options(LoadWords words) {
  POOLBENCH_TRY(read_durations(words));
  const auto spec = read_request(words);
  POOLBENCH_TRY(spec);
  POOLBENCH_TRY(read_urls(words, *spec));
  POOLBENCH_TRY(read_line_files(words.options));
  if (!words.options.tls && (words.insecure || !words.options.tls_ca_file.empty())) {
    return base::bad_input("--ca-file and --insecure are about certificates, but the URL is http:",
                           words.urls.front(), "ask for https:, or leave them out");
  }
  if (words.close) words.options.requests_per_connection = 1;
  // A number of requests takes as long as it takes, unless a time is given, too.
  if (words.options.request_count > 0 && !words.measure_is_given) words.options.measure = {};
  words.options.drain = !words.abort;
  words.options.tls_verify = !words.insecure;
  words.options.arrivals = words.arrivals == "poisson" ? Arrivals::kPoisson : Arrivals::kConstant;
  return words.options;
}

base::Result<std::string> read_stdin() {
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got == 0) return text;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) {
      return base::bad_input(fmt::format("stdin cannot be read: {}", std::strerror(errno)));
    }
  }
}

base::Result<Command> read_job() {
  const auto text = read_stdin();
  POOLBENCH_TRY(text);
  auto options = options_from_json(*text);
  POOLBENCH_TRY(options);
  return Command{std::move(*options), Output::kEvents, {}};
}

base::Result<Command> read(const LoadWords& words) {
  if (words.job) return read_job();
  auto options = read_options(words);
  POOLBENCH_TRY(options);
  Command command{std::move(*options), words.json ? Output::kJson : Output::kText, {}};
  if (words.find_rate.empty()) return command;
  const auto objective = parse_objective(words.find_rate);
  POOLBENCH_TRY(objective);
  command.find_rate = *objective;
  return command;
}

// In place of CLI11's own checks, which name the largest number that there is, digit by digit.
CLI::Validator number_that_is(const char* must, bool (*fits)(double)) {
  return {[must, fits](const std::string& text) -> std::string {
            double number = 0;
            const bool good = CLI::detail::lexical_cast(text, number) && fits(number);
            return good ? "" : fmt::format("must be a number {}, found {}", must, text);
          },
          ""};
}

CLI::Validator positive() {
  return number_that_is("above 0", [](double number) { return number > 0; });
}

CLI::Validator not_negative() {
  return number_that_is("from 0 on", [](double number) { return number >= 0; });
}

void add_request_options(CLI::App& command, LoadWords& words) {
  command
      .add_option("URL", words.urls,
                  "what to ask for; {nonce}, {seq}, {seq:1..9}, {random:1..9} and {pick:FILE} (a "
                  "line of it) "
                  "differ in each request")
      ->required();
  command.add_option("--weight", words.weights, "share of each URL, if there are several")
      ->allow_extra_args(false);
  command.add_option("--method", words.method, "HTTP method")->capture_default_str();
  command.add_option("--header", words.headers, "\"Name: value\"; may be repeated")
      ->allow_extra_args(false);
  auto* body = command.add_option("--body", words.body, "body of the request");
  command.add_option("--body-file", words.body_file, "its bytes are the body")->excludes(body);
  command
      .add_option("--expect-status", words.expect_statuses,
                  "the good status, or several with commas (else any 2xx)")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--expect-header", words.expect_headers,
                  "\"Name: value\" that a good answer has; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--expect-length", words.expect_length, "bytes of a good body")
      ->check(not_negative());
  command.add_option("--expect-contains", words.expect_contains,
                     "text in a good body; placeholders as sent");
  command.add_option("--expect-body-file", words.expect_body_file, "exactly the good body");
  command.add_option("--unix-socket", words.options.unix_socket, "connect to this path instead");
  command.add_flag("--insecure", words.insecure, "do not verify the server's certificate");
  command.add_option("--ca-file", words.options.tls_ca_file, "PEM certificates to trust");
}

void add_load_options(CLI::App& command, LoadWords& words) {
  Options& options = words.options;
  command.add_option("-c,--connections", options.connections, "connections")->capture_default_str();
  command.add_option("--threads", options.threads, "threads")->capture_default_str();
  command.add_option("--warmup", words.warmup, "time not measured")->capture_default_str();
  command
      .add_option("-d,--measure", words.measure, "time measured; with --requests: at most so long")
      ->capture_default_str();
  command.add_option("-n,--requests", options.request_count, "measure exactly that many instead")
      ->check(positive());
  command.add_option("--timeout", words.timeout, "of one request")->capture_default_str();
  auto* close = command.add_flag("--close", words.close, "a new connection for each request");
  command
      .add_option("--requests-per-connection", options.requests_per_connection,
                  "close each connection after so many")
      ->excludes(close);
  command.add_option("--ramp", words.ramp, "open the connections over this time");
  command.add_flag("--json", words.json, "print the measurement as JSON");
  command.add_option("--rate", options.rate_hz, "open loop: requests a second, come what may")
      ->check(positive());
  command.add_option("--arrivals", words.arrivals, "open loop: constant or poisson")
      ->check(CLI::IsMember({"constant", "poisson"}));
  command.add_option("--queue", options.queue_limit,
                     "open loop: requests that may wait for a connection");
  command
      .add_option("--find-rate", words.find_rate,
                  "find the highest rate that meets an objective, such as p99=50ms")
      ->excludes("--rate")
      ->excludes("--requests");
  command.add_option("--seed", options.seed, "of arrivals, nonces, draws and the mix of URLs");
  command.add_flag("--abort", words.abort, "at the end of the time abort what is in flight");
}

// The document says all there is to say.
void add_job_option(CLI::App& app, LoadWords& words) {
  CLI::Option* url = app.get_option("URL");
  const auto stands_alone = [&app, url, &words](std::int64_t) {
    words.job = true;
    url->required(false);
    for (const CLI::Option* option : app.get_options()) {
      if (option->count() > 0 && !option->check_name("--job")) {
        throw CLI::ExcludesError("--job", option->get_name());
      }
    }
  };
  app.add_flag("--job", stands_alone,
               "read the load as one JSON document from stdin, as poolbench run hands it over; "
               "print a line of JSON as each phase begins, then the measurement in one line");
}

}  // namespace

void add_options(CLI::App& app, const std::function<void(const base::Result<Command>&)>& act) {
  auto words = std::make_shared<LoadWords>();
  words->options.connections = 50;
  add_request_options(app, *words);
  add_load_options(app, *words);
  add_job_option(app, *words);
  app.footer(
      "Examples:\n"
      "  poolbench load http://127.0.0.1:8000/ --connections 50 --warmup 1s --measure 5s\n"
      "  poolbench load http://127.0.0.1:8000/ --requests 1000 --close --json\n"
      "  poolbench load http://127.0.0.1:8000/ --rate 500 --arrivals poisson --timeout 2s\n"
      "  poolbench load http://127.0.0.1:8000/ --find-rate p99=50ms --measure 5s\n"
      "  poolbench load 'http://127.0.0.1:8000/echo?x={nonce}' --expect-contains '{nonce}'\n"
      "Exit codes: 0 done, 2 bad usage, 3 no request succeeded or no rate was found, 130 "
      "interrupted.");
  app.callback([&app, words, act] {
    words->measure_is_given = app.count("--measure") > 0;
    act(read(*words));
  });
}

}  // namespace poolbench::generator
