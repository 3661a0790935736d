#include "service/requests.h"

#include <fmt/format.h>
#include <httplib.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "base/raii.h"
#include "process/run_command.h"

namespace poolbench::service {

scenario::EndpointSpec with_known(scenario::EndpointSpec request, const base::WordValues& values) {
  for (std::string* text : scenario::texts_of(request)) *text = base::fill_known(*text, values);
  return request;
}

generator::RequestSpec request_spec(const std::string& name, const scenario::EndpointSpec& endpoint,
                                    double weight, bool cookies) {
  generator::RequestSpec spec;
  spec.name = name;
  spec.method = endpoint.method;
  spec.target = endpoint.path;
  spec.headers = endpoint.headers;
  if (cookies) {
    const std::string kept = fmt::format("{{{}}}", scenario::TargetRequests::kCookiesWord);
    const auto own = std::ranges::find_if(spec.headers, [](const auto& header) {
      return ::strcasecmp(header.first.c_str(), "Cookie") == 0;
    });
    if (own == spec.headers.end()) {
      spec.headers.emplace_back("Cookie", kept);
    } else {
      own->second += "; " + kept;
    }
  }
  spec.body = endpoint.body;
  spec.body_is_plain = endpoint.body_is_plain;
  spec.expect.statuses = endpoint.expect.statuses;
  spec.expect.headers = endpoint.expect.headers;
  spec.expect.length = endpoint.expect.length;
  spec.expect.body = endpoint.expect.body;
  spec.expect.contains = endpoint.expect.contains;
  spec.weight = weight;
  return spec;
}

std::string text_of(const std::string& text, const generator::Slots& slots,
                    const generator::TextChoices& choices) {
  std::string filled;
  generator::TextTemplate(text, choices).render(slots, filled);
  return filled;
}

std::string shown_text(const std::string& text, const generator::Slots& slots,
                       const generator::TextChoices& choices) {
  std::vector<generator::ClientValue> names;
  for (const generator::ClientValue& value : choices.client_values) {
    names.push_back({value.word, {fmt::format("{{{}}}", value.word)}});
  }
  return text_of(text, slots, {names, choices.line_files});
}

HttpRequest rendered(const generator::RequestSpec& spec, const generator::Slots& slots,
                     const generator::TextChoices& choices) {
  HttpRequest request{spec.method, text_of(spec.target, slots, choices)};
  for (const auto& [name, value] : spec.headers) {
    request.headers.emplace_back(name, text_of(value, slots, choices));
  }
  request.body = spec.body_is_plain ? spec.body : text_of(spec.body, slots, choices);
  return request;
}

generator::Slots probe_slots(std::uint64_t seq) {
  static std::random_device device;
  const auto random = [] {
    return generator::scramble((std::uint64_t{device()} << 32U) | device());
  };
  return {seq, random(), random(), seq};
}

std::string shown(const std::string& text) {
  constexpr std::size_t kShownBytes = 200;
  return text.size() <= kShownBytes ? text : text.substr(0, kShownBytes) + "…";
}

namespace {

constexpr base::Duration kBetweenLooks = std::chrono::milliseconds(1);
constexpr base::Duration kClockSlack = std::chrono::milliseconds(1);  // of the library's time-outs

// The library's own words are for those who know it: "Connection", "Read".
std::string why_no_answer(httplib::Error error, const Question& question, base::Duration waited) {
  const std::string place = base::to_text(question.server);
  const base::Duration limit = question.limit;
  const std::string patience = base::approximate_duration(limit);
  switch (error) {
    case httplib::Error::Connection:
      return fmt::format("no answer: nothing accepts connections at {}", place);
    case httplib::Error::ConnectionTimeout:
      return fmt::format("no answer: {} accepted no connection within {}", place, patience);
    case httplib::Error::Read:
      if (waited + kClockSlack >= limit) {
        return fmt::format("no answer from {} within {}", place, patience);
      }
      return fmt::format(
          "no answer: {} closed the connection before a whole HTTP answer had come, or sent no "
          "HTTP",
          place);
    case httplib::Error::Write:
      return fmt::format("no answer: {} closed the connection before it was asked", place);
    case httplib::Error::SSLConnection:
      return fmt::format("no answer: {} speaks no TLS, or broke it off", place);
    case httplib::Error::SSLLoadingCerts:
      return fmt::format("no answer: no certificate in PEM form can be read from {}",
                         question.server.ca_file);
    case httplib::Error::Canceled:
      return fmt::format("no answer from {} until it was given up", place);
    default:
      return fmt::format("no answer from {}: {}", place, httplib::to_string(error));
  }
}

/// Why the certificate of a server is not accepted.
std::string why_untrusted(const httplib::ClientImpl& client, const Question& question) {
  const auto* const over_tls = dynamic_cast<const httplib::SSLClient*>(&client);
  const long verdict = over_tls == nullptr ? X509_V_OK : over_tls->get_openssl_verify_result();
  const bool is_for_another = verdict == X509_V_OK || verdict == X509_V_ERR_HOSTNAME_MISMATCH ||
                              verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
  return fmt::format(
      "no answer: the certificate of {} is not accepted: {}", base::to_text(question.server),
      is_for_another ? "it is for another name" : X509_verify_cert_error_string(verdict));
}

/// Lets OpenSSL check the name: the library takes a common name for an address, too.
void expect_name(SSL_CTX* context, const std::string& host) {
  X509_VERIFY_PARAM* const parameters = SSL_CTX_get0_param(context);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
  }
}

std::unique_ptr<httplib::ClientImpl> client_of(const Question& question) {
  const base::HttpServer& server = question.server;
  const auto& [host, port] = server.endpoint;
  std::unique_ptr<httplib::ClientImpl> client;
  if (server.tls) {
    auto over_tls = std::make_unique<httplib::SSLClient>(host, port);
    expect_name(over_tls->ssl_context(), host);
    client = std::move(over_tls);
    if (!server.ca_file.empty()) client->set_ca_cert_path(server.ca_file);
  } else if (!server.unix_socket.empty()) {
    client = std::make_unique<httplib::ClientImpl>(server.unix_socket, port);
    client->set_address_family(AF_UNIX);
  } else {
    client = std::make_unique<httplib::ClientImpl>(host, port);
  }
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(question.limit);
  client->set_connection_timeout(microseconds);
  client->set_read_timeout(microseconds);
  return client;
}

Answer answer_to(const HttpRequest& request, httplib::ClientImpl& client,
                 const Question& question) {
  httplib::Request sent;
  sent.method = request.method;
  sent.path = request.path;
  for (const auto& [name, value] : request.headers) sent.headers.emplace(name, value);
  if (!sent.has_header("Host")) sent.headers.emplace("Host", base::host_header(question.server));
  sent.body = request.body;
  Answer answer;
  const auto began = std::chrono::steady_clock::now();
  const auto result = client.send(sent);
  if (!result) {
    answer.failure =
        result.error() == httplib::Error::SSLServerVerification
            ? why_untrusted(client, question)
            : why_no_answer(result.error(), question, std::chrono::steady_clock::now() - began);
    return answer;
  }
  answer.status = result->status;
  answer.headers.assign(result->headers.begin(), result->headers.end());
  answer.body = result->body;
  if (!question.worker_header.empty()) {
    answer.worker = result->get_header_value(question.worker_header);
  }
  return answer;
}

/// No exception may leave a thread, and an answer may be anything.
Answer guarded_answer(const HttpRequest& request, httplib::ClientImpl& client,
                      const Question& question) {
  auto answer =
      base::guarded([&]() -> base::Result<Answer> { return answer_to(request, client, question); });
  if (answer) return std::move(*answer);
  Answer failed;
  failed.failure = answer.error().message;
  return failed;
}

/// Looks until it is told to stop, and once more.
std::jthread looking(const std::function<void()>& look) {
  if (!look) return {};
  return std::jthread([&look](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      look();
      std::this_thread::sleep_for(kBetweenLooks);
    }
    look();
  });
}

}  // namespace

std::vector<Answer> ask_unwatched(const Question& question) {
  std::vector<Answer> answers(question.requests.size());
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      answers[i] = guarded_answer(question.requests[i], *client_of(question), question);
    });
  }
  threads.clear();  // joins
  return answers;
}

base::Result<std::vector<Answer>> ask(process::Supervisor& supervisor, const Question& question,
                                      const std::vector<process::Child*>& children) {
  const base::UniqueFd all_done(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  std::vector<Answer> answers(question.requests.size());
  std::vector<std::unique_ptr<httplib::ClientImpl>> clients;
  for (std::size_t i = 0; i < question.requests.size(); ++i) {
    clients.push_back(client_of(question));
    clients.back()->set_keep_alive(question.look != nullptr);
  }
  std::atomic<std::size_t> open = question.requests.size();
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      answers[i] = guarded_answer(question.requests[i], *clients[i], question);
      if (--open == 0) ::eventfd_write(all_done.get(), 1);
    });
  }
  std::jthread looker = looking(question.look);
  const auto waited = process::wait_until_ready(
      supervisor, "no answer", {}, question.limit + std::chrono::seconds(1),
      [&] { return open == 0; }, {all_done.get()}, children);
  if (!waited) {
    for (const auto& client : clients) client->stop();
  }
  threads.clear();  // joins
  looker = {};
  if (!waited) return tl::unexpected(waited.error());
  return answers;
}

}  // namespace poolbench::service
