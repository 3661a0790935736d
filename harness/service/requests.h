#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/placeholder.h"
#include "base/result.h"
#include "base/time.h"
#include "generator/request.h"
#include "process/supervisor.h"
#include "scenario/target/target_requests.h"

// Single requests to a target, outside of any load: what is sent, and what comes back.

namespace poolbench::service {

/// A request as it is sent.
struct HttpRequest {
  std::string method = "GET";
  std::string path = "/";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

/// What came back. `failure` in words when no whole answer did.
struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string worker{};  ///< value of the target's worker header, if any
  std::string failure{};
};

/// Requests to send at the same time, each on a connection of its own.
struct Question {
  base::HttpServer server;
  std::vector<HttpRequest> requests;
  base::Duration limit{};       ///< later answers are failures
  std::string worker_header{};  ///< empty: the target has none
  /// Called again and again by a thread of its own until all answers are there, and once more
  /// before the connections are closed, which are kept open until then; null: nobody looks.
  std::function<void()> look{};
};

/// Returns all answers, in the order of the requests. Redirects are answers. Meanwhile it watches
/// `children`: fails when one of them (without any, when any supervised child) ends, and on an
/// interrupt.
base::Result<std::vector<Answer>> ask(process::Supervisor& supervisor, const Question& question,
                                      const std::vector<process::Child*>& children = {});

/// The same from a thread that nobody has to interrupt: it watches no process, and comes back
/// within the question's limit.
std::vector<Answer> ask_unwatched(const Question& question);

/// The request with the placeholders filled that have a value for all requests of a trial alike.
scenario::EndpointSpec with_known(scenario::EndpointSpec request, const base::WordValues& values);

/// The endpoint's request as the load generator takes it. With `cookies` it sends those that the
/// log-ins kept.
generator::RequestSpec request_spec(const std::string& name, const scenario::EndpointSpec& endpoint,
                                    double weight, bool cookies);

/// The request with its placeholders filled.
HttpRequest rendered(const generator::RequestSpec& spec, const generator::Slots& slots,
                     const generator::TextChoices& choices);

/// A text of the request with its placeholders filled.
std::string text_of(const std::string& text, const generator::Slots& slots,
                    const generator::TextChoices& choices);
/// The same for a message: what log-ins kept may be secret, and stays the placeholder that it is.
std::string shown_text(const std::string& text, const generator::Slots& slots,
                       const generator::TextChoices& choices);

/// What a request outside of the load puts in the place of placeholders: the number `seq` for the
/// client of that number, and anything where chance decides.
generator::Slots probe_slots(std::uint64_t seq);

/// As much of a text as a message can hold.
std::string shown(const std::string& text);

}  // namespace poolbench::service
