#include "service/target_service.h"

#include <fmt/format.h>

#include <set>

#include "base/time.h"
#include "process/run_command.h"

namespace poolbench::service {
namespace {

using std::chrono::steady_clock;
constexpr base::Duration kBetweenAttempts = std::chrono::milliseconds(15);
constexpr const char* kReadinessNonce = "ready";

}  // namespace

base::Result<TargetService> TargetService::start(process::Supervisor& supervisor,
                                                 const scenario::TargetSettings& settings,
                                                 const TargetPlaces& places) {
  const auto port = base::free_port();
  if (!port) return tl::unexpected(port.error());
  const base::Endpoint endpoint{"127.0.0.1", *port};
  const auto command = serve_command(settings, places, endpoint);
  if (!command) return tl::unexpected(command.error());
  const auto child = supervisor.start(*command);
  if (!child) return tl::unexpected(child.error());
  return TargetService(supervisor, settings, **child, places.database_server, endpoint);
}

const scenario::EndpointSpec& TargetService::measured() const {
  return settings_->spec->endpoints.at(settings_->endpoint);
}

tl::unexpected<base::Error> TargetService::wrong_answer(const std::string& path,
                                                        const std::string& why) const {
  const auto& log = process::log_of(*child_);
  return base::failed(
      fmt::format("the target does not answer {} as it must: {}{}",
                  base::to_text(base::Url{false, endpoint_, path}), why, process::log_excerpt(log)),
      log.string());
}

base::Result<void> TargetService::wait_until_it_answers() {
  const scenario::TargetSpec& spec = *settings_->spec;
  const scenario::EndpointSpec& asked = spec.endpoints.at(spec.ready.endpoint);
  const std::string path = fill_request(asked.path, kReadinessNonce);
  const auto deadline = steady_clock::now() + spec.ready.timeout;
  while (true) {
    const auto now = steady_clock::now();
    const auto answers = ask(
        *supervisor_, {endpoint_, path, std::max<base::Duration>(deadline - now, kBetweenAttempts)},
        watched_);
    if (!answers) return tl::unexpected(answers.error());
    const std::string why = mismatch(answers->front(), asked.expect, kReadinessNonce);
    if (why.empty()) return {};
    if (steady_clock::now() >= deadline) {
      return wrong_answer(path, fmt::format("not ready within {} ({})",
                                            base::approximate_duration(spec.ready.timeout), why));
    }
    bool pause_over = false;
    POOLBENCH_TRY(process::wait_until_ready(
        *supervisor_, "pause", {}, std::chrono::seconds(1),
        [&] { return std::exchange(pause_over, true); }, {}, watched_));
  }
}

base::Result<std::optional<int>> TargetService::wait_until_every_worker_answers() {
  const scenario::TargetSpec::Ready& ready = settings_->spec->ready;
  const int workers = ready.worker_param.empty() || ready.worker_header.empty()
                          ? 1
                          : settings_->params.at(ready.worker_param).get<int>();
  const std::string path = fill_request(measured().path, kReadinessNonce);
  const auto deadline = steady_clock::now() + ready.timeout;
  std::set<std::string> seen;
  while (true) {
    const auto answers = ask(
        *supervisor_, {endpoint_, path, ready.timeout, 2 * workers, ready.worker_header}, watched_);
    if (!answers) return tl::unexpected(answers.error());
    for (const Answer& answer : *answers) {
      const std::string why = mismatch(answer, measured().expect, kReadinessNonce);
      if (!why.empty()) return wrong_answer(path, why);
      seen.insert(answer.worker);
    }
    if (std::ssize(seen) >= workers) {
      if (ready.worker_header.empty()) return std::nullopt;
      return static_cast<int>(seen.size());
    }
    if (steady_clock::now() >= deadline) {
      return wrong_answer(path, fmt::format("only {} of {} workers answered within {}", seen.size(),
                                            workers, base::approximate_duration(ready.timeout)));
    }
  }
}

base::Result<Answer> TargetService::verify() {
  constexpr const char* kVerifyNonce = "verify-4711";
  const std::string path = fill_request(measured().path, kVerifyNonce);
  const auto answers =
      ask(*supervisor_, {endpoint_, path, settings_->spec->ready.timeout}, watched_);
  if (!answers) return tl::unexpected(answers.error());
  const std::string why = mismatch(answers->front(), measured().expect, kVerifyNonce);
  if (!why.empty()) return wrong_answer(path, why);
  return answers->front();
}

}  // namespace poolbench::service
