#include "service/target_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "process/run_command.h"
#include "service/idle_connections.h"
#include "service/login.h"
#include "service/mismatch.h"
#include "service/requests.h"
#include "service/running_server.h"

namespace poolbench::service {
namespace {

using std::chrono::steady_clock;
constexpr base::Duration kBetweenAttempts = std::chrono::milliseconds(15);
constexpr base::Duration kIdle = std::chrono::milliseconds(100);

/// Where a target that is started now shall listen.
base::Result<base::HttpServer> listening_place(const scenario::TargetSpec::Serve& serve,
                                               const TargetPlaces& places) {
  if (serve.unix_socket) return base::over_unix_socket(places.socket.string());
  const auto port = base::free_port();
  if (!port) return tl::unexpected(port.error());
  base::HttpServer server{.endpoint = {"127.0.0.1", *port}, .tls = serve.tls};
  if (serve.tls) server.ca_file = places.tls.authority.string();
  return server;
}

}  // namespace

TargetService::TargetService(process::Supervisor& supervisor, const scenario::Cell& cell,
                             process::Child* child, const TargetPlaces& places,
                             base::HttpServer server)
    : supervisor_(&supervisor),
      cell_(&cell),
      spec_(cell.target.spec.get()),
      child_(child),
      server_(std::move(server)) {
  watched_ = places.service_children;
  for (process::Child* each : {child, places.database_server}) {
    if (each != nullptr) watched_.push_back(each);
  }
  const base::WordValues known = setting_words(cell.target);
  for (const auto& [name, request] : spec_->endpoints) {
    endpoints_[name] = with_known(request, known);
  }
  logins_ = spec_->logins;
  for (scenario::LoginSpec& login : logins_) login.request = with_known(login.request, known);
  for (const auto& [name, file] : spec_->request_files) line_files_.push_back({name, file.lines});
}

base::Result<TargetService> TargetService::start(process::Supervisor& supervisor,
                                                 const scenario::Cell& cell,
                                                 const TargetPlaces& places) {
  const scenario::TargetSpec::Serve& serve = cell.target.spec->serve;
  if (serve.running) {
    POOLBENCH_TRY(check_reach(cell.target));
    return TargetService(supervisor, cell, nullptr, places, *serve.running);
  }
  const auto server = listening_place(serve, places);
  if (!server) return tl::unexpected(server.error());
  const auto command = serve_command(cell.target, places, *server);
  if (!command) return tl::unexpected(command.error());
  const base::WordValues words = serve_words(cell.target, places, *server);
  POOLBENCH_TRY(render_files(*cell.target.spec, words, places.files));
  POOLBENCH_TRY(render_files(*cell.target.spec, without_password(words), places.shown_files));
  const auto child = supervisor.start(*command);
  if (!child) return tl::unexpected(child.error());
  return TargetService(supervisor, cell, *child, places, *server);
}

std::vector<std::string> TargetService::stop() {
  return child_ == nullptr ? std::vector<std::string>{} : supervisor_->stop(*child_);
}

generator::RequestSpec TargetService::spec_of(const scenario::MixPart& part) const {
  const auto shared = shared_values_.find(scenario::TargetRequests::kCookiesWord);
  const bool has_cookies =
      shared != shared_values_.end() ? !shared->second.empty() : !client_values_.empty();
  const scenario::EndpointSpec& endpoint = endpoints_.at(part.endpoint);
  generator::RequestSpec spec =
      request_spec(part.endpoint, endpoint, part.weight, endpoint.login && has_cookies);
  for (std::string* text : generator::texts_of(spec)) {
    *text = base::fill_known(*text, shared_values_);
  }
  return spec;
}

tl::unexpected<base::Error> TargetService::wrong_answer(const std::string& endpoint,
                                                        const generator::Slots& slots,
                                                        const std::string& why) const {
  const scenario::EndpointSpec& request = endpoints_.at(endpoint);
  const std::string method = request.method == "GET" ? "" : request.method + " ";
  const std::string over =
      server_.unix_socket.empty() ? "" : fmt::format(" over {}", server_.unix_socket);
  return base::failed(
      fmt::format("the target does not answer {}{}{} as it must: {}{}", method,
                  base::to_text(server_.url(shown_text(request.path, slots, choices()))), over, why,
                  log_excerpt()),
      child_ == nullptr ? std::string() : process::log_of(*child_).string());
}

std::string TargetService::log_excerpt() const {
  if (child_ != nullptr) return process::log_excerpt(process::log_of(*child_));
  return "; poolbench did not start this server (serve.url): see that it runs, that it listens "
         "there, and what it logs";
}

base::Result<void> TargetService::wait_until_it_answers() {
  const scenario::EndpointSpec& asked = endpoints_.at(spec_->ready.endpoint);
  const generator::RequestSpec spec = request_spec(spec_->ready.endpoint, asked, 1, false);
  const auto deadline = steady_clock::now() + spec_->ready.timeout;
  while (true) {
    const generator::Slots slots = probe_slots(0);
    const HttpRequest request = rendered(spec, slots, choices());
    const auto left = deadline - steady_clock::now();
    const auto answers =
        ask(*supervisor_, {server_, {request}, std::max<base::Duration>(left, kBetweenAttempts)},
            watched_);
    if (!answers) return tl::unexpected(answers.error());
    const std::string why = mismatch(answers->front(), {asked.expect, slots, choices()});
    if (why.empty()) return {};
    if (steady_clock::now() >= deadline) {
      return wrong_answer(spec_->ready.endpoint, slots,
                          fmt::format("not ready within {} ({})",
                                      base::approximate_duration(spec_->ready.timeout), why));
    }
    bool pause_over = false;
    POOLBENCH_TRY(process::wait_until_ready(
        *supervisor_, "pause", {}, std::chrono::seconds(1),
        [&] { return std::exchange(pause_over, true); }, {}, watched_));
  }
}

base::Result<void> TargetService::log_in() {
  auto kept = service::log_in(
      *supervisor_, logins_,
      {server_, cell_->load.connections, spec_->ready.timeout, line_files_, watched_});
  if (!kept) {
    base::Error error = kept.error();
    error.message += log_excerpt();
    return tl::unexpected(std::move(error));
  }
  kept_ = *std::move(kept);
  for (const generator::ClientValue& value : kept_) {
    if (value.values.size() == 1) {
      shared_values_[value.word] = value.values.front();
    } else {
      client_values_.push_back(value);
    }
  }
  return {};
}

report::ReadyBy TargetService::ready_by() const {
  const scenario::TargetSpec::Ready& ready = spec_->ready;
  if (!ready.worker_header.empty()) return report::ReadyBy::kHeader;
  if (ready.settle > base::Duration{}) return report::ReadyBy::kSettle;
  if (!ready.worker_param.empty()) return report::ReadyBy::kConnections;
  return report::ReadyBy::kFirstAnswer;
}

base::Result<std::set<std::string>> TargetService::ask_at_once(int times,
                                                               const std::function<void()>& look) {
  const scenario::MixPart part = cell_->endpoints().front();
  const scenario::Expectation& expect = endpoints_.at(part.endpoint).expect;
  const generator::RequestSpec spec = spec_of(part);
  Question question{server_, {}, spec_->ready.timeout, spec_->ready.worker_header, look};
  std::vector<generator::Slots> slots;
  for (int i = 0; i < times; ++i) {
    slots.push_back(probe_slots(static_cast<std::uint64_t>(i)));
    question.requests.push_back(rendered(spec, slots.back(), choices()));
  }
  const auto answers = ask(*supervisor_, question, watched_);
  if (!answers) return tl::unexpected(answers.error());
  std::set<std::string> workers;
  for (std::size_t i = 0; i < answers->size(); ++i) {
    const Answer& answer = (*answers)[i];
    const std::string why = mismatch(answer, {expect, slots[i], choices()});
    if (!why.empty()) return wrong_answer(part.endpoint, slots[i], why);
    workers.insert(answer.worker);
  }
  return workers;
}

tl::unexpected<base::Error> TargetService::too_few_workers(std::size_t expected, std::size_t seen,
                                                           int hidden) const {
  const scenario::TargetSpec::Ready& ready = spec_->ready;
  const auto& log = process::log_of(*child_);
  std::string what, next;
  if (ready_by() == report::ReadyBy::kHeader) {
    what = fmt::format("{} named itself in the header {}", seen, ready.worker_header);
    next = "see whether each sends a value of its own, and whether all of them start";
  } else {
    what = fmt::format("{} process{} of the target held connections", seen, seen == 1 ? "" : "es");
    if (hidden > 0) what += fmt::format(" ({} more may not be looked into)", hidden);
    next =
        "where workers are threads, or others take their connections, set ready.settle, let each "
        "name itself in ready.worker_header, or leave ready.worker_param out";
  }
  return base::failed(
      fmt::format("{} worker{} expected (ready.worker_param = \"{}\"), {} within {}: {}{}",
                  expected, expected == 1 ? " is" : "s are", ready.worker_param, what,
                  base::approximate_duration(ready.timeout), next, process::log_excerpt(log)),
      log.string());
}

base::Result<std::size_t> TargetService::workers_by_connections(probe::ConnectionHolders& holders,
                                                                std::size_t expected) {
  const int connections = 4 * static_cast<int>(expected);
  const auto asked = ask_at_once(connections, [&] { holders.look(); });
  if (!asked) return tl::unexpected(asked.error());
  if (holders.alive().size() >= expected) return holders.alive().size();
  const IdleConnections idle(listening_at(), connections);
  const auto until = steady_clock::now() + kIdle;
  // At one look alone, one that is about to hand its connection on would count as well.
  int looks_with_enough = 0;
  POOLBENCH_TRY(process::wait_until_ready(
      *supervisor_, "pause", {}, std::chrono::seconds(10),
      [&] {
        holders.look();
        looks_with_enough = holders.alive().size() >= expected ? looks_with_enough + 1 : 0;
        return looks_with_enough == 2 || steady_clock::now() >= until;
      },
      {}, watched_));
  return holders.alive().size();
}

base::Result<report::Readiness> TargetService::wait_until_every_worker_answers() {
  const scenario::TargetSpec::Ready& ready = spec_->ready;
  const report::ReadyBy by = ready_by();
  const int asked_for =
      ready.worker_param.empty() ? 1 : cell_->target.params.at(ready.worker_param).get<int>();
  const auto workers = static_cast<std::size_t>(std::max(asked_for, 1));
  probe::ConnectionHolders holders(child_ == nullptr ? 0 : process::pid_of(*child_),
                                   listening_at());
  const auto began = steady_clock::now();
  std::set<std::string> named;
  while (true) {
    std::size_t seen = 0;
    if (by == report::ReadyBy::kConnections) {
      const auto held = workers_by_connections(holders, workers);
      if (!held) return tl::unexpected(held.error());
      seen = *held;
    } else {
      const auto names = ask_at_once(2 * static_cast<int>(workers));
      if (!names) return tl::unexpected(names.error());
      named.insert(names->begin(), names->end());
      seen = named.size();
    }
    const auto waited = steady_clock::now() - began;
    if (by == report::ReadyBy::kFirstAnswer) return report::Readiness{by, {}};
    if (by == report::ReadyBy::kSettle) {
      if (waited >= ready.settle) return report::Readiness{by, {}};
      continue;
    }
    if (seen >= workers) return report::Readiness{by, static_cast<int>(seen)};
    if (waited >= ready.timeout) return too_few_workers(workers, seen, holders.hidden());
  }
}

base::Result<std::vector<VerifiedRequest>> TargetService::verify() {
  std::vector<VerifiedRequest> verified;
  for (const scenario::MixPart& part : cell_->endpoints()) {
    const scenario::Expectation& expect = endpoints_.at(part.endpoint).expect;
    generator::RequestSpec spec = spec_of(part);
    const generator::Slots slots = probe_slots(0);
    const HttpRequest request = rendered(spec, slots, choices());
    auto answers = ask(*supervisor_, {server_, {request}, spec_->ready.timeout}, watched_);
    if (!answers) return tl::unexpected(answers.error());
    const std::string why = mismatch(answers->front(), {expect, slots, choices()});
    if (!why.empty()) return wrong_answer(part.endpoint, slots, why);
    if (expect.json || expect.body) spec.expect.body = answers->front().body;
    const scenario::EndpointSpec& endpoint = endpoints_.at(part.endpoint);
    std::string shown =
        fmt::format("{} {}", endpoint.method, shown_text(endpoint.path, slots, choices()));
    verified.push_back({std::move(spec), std::move(shown), std::move(answers->front())});
  }
  return verified;
}

}  // namespace poolbench::service
