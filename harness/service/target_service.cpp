#include "service/target_service.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "process/run_command.h"
#include "service/login.h"
#include "service/requests.h"
#include "service/running_server.h"

namespace poolbench::service {
namespace {

using std::chrono::steady_clock;
constexpr base::Duration kBetweenAttempts = std::chrono::milliseconds(15);

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

tl::unexpected<base::Error> TargetService::wrong_answer(const HttpRequest& request,
                                                        const std::string& why) const {
  const std::string method = request.method == "GET" ? "" : request.method + " ";
  const std::string over =
      server_.unix_socket.empty() ? "" : fmt::format(" over {}", server_.unix_socket);
  return base::failed(
      fmt::format("the target does not answer {}{}{} as it must: {}{}", method,
                  base::to_text(server_.url(request.path)), over, why, log_excerpt()),
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
      return wrong_answer(request,
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
  for (generator::ClientValue& value : *kept) {
    if (value.values.size() == 1) {
      shared_values_[value.word] = value.values.front();
    } else {
      client_values_.push_back(std::move(value));
    }
  }
  return {};
}

base::Result<std::optional<int>> TargetService::wait_until_every_worker_answers() {
  const scenario::TargetSpec::Ready& ready = spec_->ready;
  const int workers = ready.worker_param.empty() || ready.worker_header.empty()
                          ? 1
                          : cell_->target.params.at(ready.worker_param).get<int>();
  const scenario::MixPart part = cell_->endpoints().front();
  const scenario::Expectation& expect = endpoints_.at(part.endpoint).expect;
  const generator::RequestSpec spec = spec_of(part);
  const auto deadline = steady_clock::now() + ready.timeout;
  std::set<std::string> seen;
  while (true) {
    Question question{server_, {}, ready.timeout, ready.worker_header};
    std::vector<generator::Slots> slots;
    for (int i = 0; i < 2 * workers; ++i) {
      slots.push_back(probe_slots(static_cast<std::uint64_t>(i)));
      question.requests.push_back(rendered(spec, slots.back(), choices()));
    }
    const auto answers = ask(*supervisor_, question, watched_);
    if (!answers) return tl::unexpected(answers.error());
    for (std::size_t i = 0; i < answers->size(); ++i) {
      const Answer& answer = (*answers)[i];
      const std::string why = mismatch(answer, {expect, slots[i], choices()});
      if (!why.empty()) return wrong_answer(question.requests[i], why);
      seen.insert(answer.worker);
    }
    if (std::ssize(seen) >= workers) {
      if (ready.worker_header.empty()) return std::nullopt;
      return static_cast<int>(seen.size());
    }
    if (steady_clock::now() >= deadline) {
      return wrong_answer(question.requests.front(),
                          fmt::format("only {} of {} workers answered within {}", seen.size(),
                                      workers, base::approximate_duration(ready.timeout)));
    }
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
    if (!why.empty()) return wrong_answer(request, why);
    if (expect.json || expect.body) spec.expect.body = answers->front().body;
    verified.push_back({std::move(spec), std::move(answers->front())});
  }
  return verified;
}

}  // namespace poolbench::service
