// The rules of ModelBooster that its schema cannot say, in the order of the reference's webhook,
// and after them what would fail later, as warnings.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/networking/v1alpha1/model_route.h"
#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "api/workload/v1alpha1/model_booster.h"
#include "api/workload/v1alpha1/model_booster_engine.h"
#include "base/strings.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/names.h"

namespace kthena::api::workload {

namespace {

using json::FieldPath;
using json::Problem;
using json::quoted;

constexpr std::string_view kPvc = "pvc://";

/// Bytes of the white space `text` begins with, as Unicode has it; 0 if it begins with none.
std::size_t space_length(std::string_view text) {
  if (text.empty() || is_ascii_blank(text.front())) {
    return text.empty() ? 0 : 1;
  }
  constexpr std::array<std::string_view, 19> kSpaces{
      "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
      "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
      "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
      "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
  for (const std::string_view space : kSpaces) {
    if (text.starts_with(space)) {
      return space.size();
    }
  }
  return 0;
}

enum class Spaces : std::uint8_t { None, Some, Only };

Spaces spaces_of(std::string_view text) {
  bool some = false;
  bool only = !text.empty();
  while (!text.empty()) {
    const std::size_t length = space_length(text);
    some = some || length > 0;
    only = only && length > 0;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return only ? Spaces::Only : some ? Spaces::Some : Spaces::None;
}

std::string_view trim_slashes(std::string_view text) {
  while (text.starts_with('/')) {
    text.remove_prefix(1);
  }
  while (text.ends_with('/')) {
    text.remove_suffix(1);
  }
  return text;
}

/// The path with one '/' before each of its parts; "." parts are left out.
std::string clean_path(std::string_view path) {
  std::string clean;
  for_each_part(path, '/', [&](std::string_view part) {
    if (!part.empty() && part != ".") {
      clean.append("/").append(part);
    }
  });
  return clean.empty() ? "/" : clean;
}

class BoosterValidation {
 public:
  explicit BoosterValidation(const ModelBooster& booster)
      : booster_(booster), backend_(booster.spec.backend) {}

  std::vector<Problem> run() {
    replicas();
    images();
    worker_types();
    ports();
    pvc();
    if (const auto connector = kv_connector(backend_); !connector) {
      add(json::invalid_value(
          workers_at(), fmt::to_string(backend_.workers.size()),
          fmt::format("invalid kv connector configuration: {}", connector.error().message())));
    }
    old_policy();
    warn_of_workers();
    warn_of_names();
    warn_of_cache();
    warn_of_runtime_port();
    if (booster_.spec.model_match) {
      for (Problem& problem : networking::check_model_match(*booster_.spec.model_match,
                                                            FieldPath("spec.modelMatch"))) {
        warn(std::move(problem));
      }
    }
    return std::move(problems_);
  }

 private:
  void add(Problem problem) { problems_.push_back(std::move(problem)); }
  void warn(Problem problem) { problems_.push_back(json::as_warning(std::move(problem))); }

  static FieldPath backend_at() { return FieldPath("spec.backend"); }
  static FieldPath workers_at() { return backend_at().child("workers"); }
  static FieldPath name_at() { return FieldPath("metadata.name"); }

  void replicas() {
    if (!backend_.replicas) {
      add(json::required_value(backend_at().child("replicas"), ""));
    } else if (*backend_.replicas > kMaxReplicas) {
      add(json::invalid_value(
          backend_at().child("replicas"), fmt::to_string(*backend_.replicas),
          fmt::format("replicas ({}) cannot exceed {}", *backend_.replicas, kMaxReplicas)));
    }
    if (backend_.min_replicas && backend_.max_replicas) {
      old_replicas(*backend_.min_replicas, *backend_.max_replicas);
    }
  }

  /// The rules of the versions that had these fields.
  void old_replicas(std::int32_t least, std::int32_t most) {
    const FieldPath least_at = backend_at().child("minReplicas");
    if (most > kMaxReplicas) {
      add(json::invalid_value(
          backend_at().child("maxReplicas"), fmt::to_string(most),
          fmt::format("maxReplicas ({}) cannot exceed {}", most, kMaxReplicas)));
    }
    if (least > most) {
      add(json::invalid_value(
          least_at, fmt::to_string(least),
          fmt::format("minReplicas ({}) cannot be greater than maxReplicas ({})", least, most)));
    }
    if (!booster_.spec.autoscaling_policy && (least != most || least <= 0)) {
      add(json::invalid_value(
          least_at, fmt::to_string(least),
          "minReplicas and maxReplicas must be equal and > 0 when no autoscaling is set"));
    } else if (booster_.spec.autoscaling_policy && least < 0) {
      add(json::invalid_value(least_at, fmt::to_string(least), "minReplicas must be >= 0"));
    }
  }

  void images() {
    for (std::size_t i = 0; i < backend_.workers.size(); ++i) {
      const std::string& image = backend_.workers[i].image;
      const Spaces spaces = spaces_of(image);
      if (spaces != Spaces::None) {
        add(json::invalid_value(
            workers_at().index(i).child("image"), quoted(image),
            spaces == Spaces::Only
                ? "invalid container image reference: image cannot be empty or whitespace only"
                : "invalid container image reference: image cannot contain whitespace"));
      }
    }
  }

  void worker_types() {
    if (backend_.type == BackendType::Vllm) {
      if (backend_.workers.size() != 1) {
        add(json::invalid_value(workers_at(), fmt::to_string(backend_.workers.size()),
                                "there must be exactly one worker when the backend type is vLLM"));
      } else if (backend_.workers[0].type != WorkerType::Server) {
        add(json::invalid_value(workers_at().index(0).child("type"),
                                quoted(json::enum_text(backend_.workers[0].type)),
                                "the worker type must be 'server' when the backend type is vLLM"));
      }
      return;
    }
    for (std::size_t i = 0; i < backend_.workers.size(); ++i) {
      const WorkerType type = backend_.workers[i].type;
      if (type != WorkerType::Prefill && type != WorkerType::Decode) {
        add(json::invalid_value(workers_at().index(i).child("type"), quoted(json::enum_text(type)),
                                "all workers must be type 'prefill' or 'decode' when the backend "
                                "type is vLLMDisaggregated"));
      }
    }
  }

  void ports() {
    if (const auto port = engine_port(backend_); !port) {
      const WorkerFault& fault = port.error();
      add(json::invalid_value(workers_at().index(fault.worker).child("config").child("port"),
                              fault.value, fault.message));
    }
  }

  /// A model in a volume is read where the cache mounts that volume. The first failure counts.
  void pvc() {
    const std::string_view model = backend_.model_uri;
    const std::string_view cache = backend_.cache_uri;
    if (!model.starts_with(kPvc)) {
      return;
    }
    const FieldPath model_at = backend_at().child("modelURI");
    const FieldPath cache_at = backend_at().child("cacheURI");
    const std::string_view path = model.substr(kPvc.size());
    if (!cache.starts_with(kPvc)) {
      add(json::invalid_value(cache_at, quoted(cache),
                              "when modelURI uses pvc://, cacheURI must also use pvc://, since the "
                              "model is read through the cache's mount"));
      return;
    }
    if (std::ranges::count(split(path, '/'), "..") > 0) {
      add(json::invalid_value(model_at, quoted(model),
                              "pvc:// modelURI must not contain '..' path segments"));
      return;
    }
    const std::string_view claim = trim_slashes(cache.substr(kPvc.size()));
    if (claim.empty() || claim.contains('/')) {
      add(json::invalid_value(cache_at, quoted(cache),
                              "pvc:// cacheURI must contain a single PVC claim name with no path "
                              "separator; claim names cannot contain '/'"));
      return;
    }
    const std::string source = clean_path(path);
    const std::string mount = fmt::format("/{}", claim);
    if (source != mount && !source.starts_with(mount + "/")) {
      add(json::invalid_value(
          model_at, quoted(model),
          fmt::format("PVC source path {} is not reachable via cacheURI mount {}; it must be that "
                      "path or lie below it",
                      quoted(source), quoted(mount))));
    }
  }

  void warn_of_workers() {
    if (backend_.type == BackendType::VllmDisaggregated) {
      for (const WorkerType type : {WorkerType::Prefill, WorkerType::Decode}) {
        if (std::ranges::count(backend_.workers, type, &ModelWorker::type) == 0) {
          warn(json::required_value(
              workers_at(), fmt::format("{} worker not found in backend", json::enum_text(type))));
        }
      }
    }
    for (std::size_t i = 0; i < backend_.workers.size(); ++i) {
      if (backend_.workers[i].image.empty()) {
        warn(json::required_value(workers_at().index(i).child("image"),
                                  "without an image no pod can start"));
      }
    }
  }

  /// Of the objects, labels and containers that are made.
  void warn_of_names() {
    const std::string serving = backend_name(booster_);
    const bool split_roles = backend_.type == BackendType::VllmDisaggregated;
    for (const ModelWorker& worker : backend_.workers) {
      const std::int32_t pods = split_roles ? 0 : std::max(worker.pods - 1, 0);
      check_name(fmt::format("{}-{}-{}-{}-{}", serving, backend_.replicas.value_or(1),
                             split_roles ? json::enum_text(worker.type) : "leader",
                             worker.replicas.value_or(1), pods),
                 "pods");
    }
    check_name(fmt::format("{}-model-downloader", booster_.metadata.name), "a container");
    if (backend_.name.size() > 63 - std::string_view("-vllm-worker").size()) {
      warn(json::invalid_value(backend_at().child("name"), quoted(backend_.name),
                               "is too long for the names of containers and volumes made of it"));
    }
  }
  void check_name(const std::string& name, std::string_view what) {
    const auto problems = kube::dns_1035_label_problems(name);
    if (!problems.empty()) {
      warn(json::invalid_value(name_at(), quoted(booster_.metadata.name),
                               fmt::format("the name {} of {} made of it would be invalid: {}",
                                           quoted(name), what, fmt::join(problems, "; "))));
    }
  }

  void warn_of_cache() {
    const std::string_view cache = backend_.cache_uri;
    const FieldPath at = backend_at().child("cacheURI");
    if (cache.empty()) {
      warn(json::required_value(at, "without it each pod downloads the weights anew"));
      return;
    }
    const auto parts = split_once(cache, ':');
    const std::string_view place = trim_slashes(parts ? parts->second : cache);
    if (place.empty()) {
      warn(json::invalid_value(
          at, quoted(cache),
          fmt::format("must include a {}", cache.starts_with(kPvc) ? "claim" : "path")));
    } else if (cache.starts_with(kPvc) && place.contains('/') &&
               !backend_.model_uri.starts_with(kPvc)) {
      warn(json::invalid_value(at, quoted(cache), "claim names cannot contain '/'"));
    }
  }

  void warn_of_runtime_port() {
    for (std::size_t i = 0; i < backend_.env.size(); ++i) {
      const EnvVar& variable = backend_.env[i];
      if (variable.name != "RUNTIME_PORT" || !variable.value_from.is_null()) {
        continue;
      }
      const FieldPath at = backend_at().child("env").index(i).child("value");
      const auto port = parse_int<std::int32_t>(variable.value);
      const auto engine = engine_port(backend_);
      if (!port || *port < 1 || *port > 65535) {
        warn(json::invalid_value(at, quoted(variable.value),
                                 fmt::format("should be a port; {} is used", kDefaultRuntimePort)));
      } else if (engine && *engine == *port) {
        warn(json::invalid_value(at, quoted(variable.value), "is the port of the engine"));
      }
    }
  }

  /// What would be said of the AutoscalingPolicy that is made.
  void old_policy() {
    const auto spec = old_autoscaling(booster_);
    if (!spec) {
      return;
    }
    for (Problem& problem : validate(AutoscalingPolicy{.spec = *spec})) {
      constexpr std::string_view kSpec = "spec.";
      if (problem.path.starts_with(kSpec) && !problem.path.contains("homogeneousTarget")) {
        problem.path = "spec.autoscalingPolicy." + problem.path.substr(kSpec.size());
        add(std::move(problem));
      }
    }
  }

  const ModelBooster& booster_;
  const ModelBackend& backend_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> validate(const ModelBooster& booster) {
  return BoosterValidation(booster).run();
}

}  // namespace kthena::api::workload
