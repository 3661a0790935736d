#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/endpoint.h"
#include "generator/options.h"
#include "scenario/scenario.h"

namespace poolbench::load {

/// What a generator is to do in one trial.
struct Job {
  base::HttpServer server;
  /// Each kind of request with its weight and what is expected of its answer; never empty.
  std::vector<generator::RequestSpec> requests{{.expect = {.statuses = {200}}}};
  std::vector<generator::ClientValue> client_values;
  std::vector<generator::LineFile> line_files;
  std::optional<std::uint64_t> seed;  ///< of the mix and of what is drawn
  scenario::LoadSettings settings;
  std::optional<generator::Turn> turn;  ///< with others
  std::filesystem::path folder;         ///< of the trial; for logs and scripts
  std::vector<int> cpus;

  [[nodiscard]] base::Url url(const generator::RequestSpec& request) const {
    return server.url(request.target);
  }
  /// For a generator that sends one kind of request.
  [[nodiscard]] base::Url url() const { return url(requests.front()); }
};

}  // namespace poolbench::load
