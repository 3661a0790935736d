#include "scenario/target/target_serve.h"

#include <fmt/format.h>

#include <utility>

#include "base/file.h"
#include "scenario/target/program_reading.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

void read_listening(TableReader& reader, TargetSpec::Serve& serve) {
  serve.tls = reader.choice("scheme", {"http", "https"}) == "https";
  if (serve.unix_socket && serve.tls) {
    reader.refuse("scheme", "= \"https\" does not go together with serve.listen = \"unix\"",
                  "leave one of them out: clients speak plain HTTP over a unix socket");
  }
}

/// The address of a server that runs already.
base::HttpServer read_url(TableReader& reader, const std::filesystem::path& folder) {
  base::HttpServer server;
  const std::string text = plain_text(reader, "url").value_or("");
  if (!reader.any("url")->is_string()) return server;
  const auto url = base::parse_url(text);
  if (!url) {
    reader.refuse("url", "cannot be used: " + url.error().message, url.error().next);
    return server;
  }
  server.endpoint = url->endpoint;
  server.tls = url->tls;
  if (url->target != "/") {
    reader.refuse("url", fmt::format("has a path: {}", in_quotes(url->target)),
                  "leave it out: the paths of endpoints say what is asked for");
  }
  const auto file = plain_text(reader, "tls_ca");
  if (!file) return server;
  server.ca_file = (folder / *file).lexically_normal().string();
  if (!server.tls) {
    reader.refuse("tls_ca", "has no effect with an http URL", "leave it out, or write https://");
  } else if (const auto read = base::read_file(server.ca_file); !read) {
    reader.refuse("tls_ca", fmt::format("names no file that can be read: {}", server.ca_file),
                  "name a PEM file of the certificates to trust, beside target.toml");
  }
  return server;
}

/// Whatever would start something, or speaks of what was started.
void refuse_starting(TableReader& top, TableReader& reader) {
  constexpr const char* kWhy = "has no effect with serve.url: the server runs already";
  constexpr const char* kNext = "leave one of them out; with serve.url nothing is started";
  for (const char* const key :
       {"command", "folder", "environment", "stop_signal", "stop_grace", "listen", "scheme"}) {
    if (reader.any(key) != nullptr) reader.refuse(key, kWhy, kNext);
  }
  for (const char* const key :
       {"inherit", "params", "rule", "file", "prepare", "data", "versions", "needs"}) {
    if (top.any(key) != nullptr) top.refuse(key, kWhy, kNext);
  }
  const Setting* ready = top.any("ready");
  if (ready == nullptr) return;
  for (const Setting::Member& member : ready->members) {
    if (!member.key.starts_with("worker_")) continue;
    top.mistakes().add(member.value.place, fmt::format("ready.{} {}", member.key, kWhy), kNext);
  }
}

}  // namespace

std::vector<UnfilledWord> unfilled_words(TableReader& top) {
  const Setting* const serve = top.any("serve");
  const Setting* const scheme = serve == nullptr ? nullptr : serve->find("scheme");
  std::vector<UnfilledWord> words;
  if (listens_on_unix_socket(top)) {
    const char* const next = "write {socket}, the path of the socket; or leave serve.listen out";
    words = {{base::kHostWord, "stands for nothing with serve.listen = \"unix\"", next},
             {base::kPortWord, "stands for nothing with serve.listen = \"unix\"", next}};
  } else {
    words = {no_socket_word()};
  }
  if (scheme == nullptr || !scheme->is_string() || scheme->text() != "https") {
    const char* const next = "set serve.scheme = \"https\", or leave it out";
    for (const char* const word : {base::kTlsCertWord, base::kTlsKeyWord}) {
      words.push_back({word, "stands for nothing without serve.scheme = \"https\"", next});
    }
  }
  return words;
}

TargetSpec::Serve read_serve(TableReader& top, const std::filesystem::path& folder,
                             const base::OtherWords& words) {
  const Setting* table = top.any("serve");
  TableReader reader(table, top.path("serve"), top.place("serve"), top.mistakes());
  TargetSpec::Serve serve;
  if (reader.has("url")) {
    serve.running = read_url(reader, folder);
    refuse_starting(top, reader);
    reader.refuse_unknown();
    return serve;
  }
  if (reader.any("tls_ca") != nullptr) {
    reader.refuse("tls_ca", "has no effect without serve.url",
                  "leave it out: with serve.scheme = \"https\" poolbench makes a certificate");
  }
  read_start(reader,
             {base::TextPlace::kServe, base::TextPlace::kEnvironment, words, unfilled_words(top)},
             serve);
  serve.folder = (folder / plain_text(reader, "folder").value_or("")).lexically_normal();
  read_listening(reader, serve);
  reader.refuse_unknown();
  return serve;
}

}  // namespace poolbench::scenario
