#include "apiserver/built_in/strategy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/disabled_fields.h"
#include "apiserver/built_in/pod_strategy.h"
#include "apiserver/built_in/service_strategy.h"
#include "apiserver/built_in/structs.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

// What a kind's row says.
constexpr unsigned kCreatesStatus = 1;  ///< clients may give a status with a create
constexpr unsigned kAnnotations = 2;    ///< count as part of the spec
constexpr unsigned kLabels = 4;         ///< the same
constexpr unsigned kKeepsLabels = 8;    ///< the status endpoint does not write labels

struct Habits {
  std::string_view kind;
  std::string_view counted;  ///< the member whose change makes a generation; empty: none is kept
  unsigned flags = 0;
};

constexpr std::array kHabits{
    Habits{"Pod", "spec"},
    Habits{"Deployment", "spec", kAnnotations | kKeepsLabels},
    Habits{"ReplicaSet", "spec"},
    Habits{"StatefulSet", "spec"},
    Habits{"DaemonSet", "spec"},
    Habits{"ReplicationController", "spec"},
    Habits{"Job", "spec"},
    Habits{"CronJob", "spec"},
    Habits{"PodTemplate", "template"},
    Habits{"PodDisruptionBudget", "spec"},
    Habits{"Ingress", "spec"},
    Habits{"NetworkPolicy", "spec"},
    Habits{"MutatingWebhookConfiguration", "webhooks"},
    Habits{"ValidatingWebhookConfiguration", "webhooks"},
    Habits{"EndpointSlice", "*", kLabels},
    Habits{"CustomResourceDefinition", "spec"},
    Habits{"PriorityClass", "-"},
    Habits{"Node", "", kCreatesStatus},
};

const Habits& habits_of(const Kind& kind) {
  static constexpr Habits kNone{};
  const auto found = std::ranges::find(kHabits, kind.kind, &Habits::kind);
  return found == kHabits.end() ? kNone : *found;
}

void put(Value& object, std::string_view name, const Value* value) {
  if (value == nullptr) {
    object.erase(name);
  } else {
    object.set(name, *value);
  }
}

/// Whether a quantity or a list that was empty reads differently does not matter: both are in the
/// form in which they are printed.
bool counted_same(const Habits& habits, const Value& a, const Value& b) {
  if (habits.counted == "*") {
    const auto without_metadata = [](const Value& object) {
      Value copy = object;
      copy.erase("metadata");
      return copy;
    };
    return without_metadata(a) == without_metadata(b);
  }
  return same(a.find(habits.counted), b.find(habits.counted));
}

void count_generation(const Habits& habits, Value& object, const Value& before) {
  if (habits.counted.empty() || habits.counted == "-") {
    return;
  }
  const auto differ = [&](std::string_view name) {
    return !same(at(object, {"metadata", name}), at(before, {"metadata", name}));
  };
  const bool changed = !counted_same(habits, object, before) ||
                       ((habits.flags & kAnnotations) != 0 && differ("annotations")) ||
                       ((habits.flags & kLabels) != 0 && differ("labels"));
  if (changed) {
    const std::int64_t was = number_of(at(before, {"metadata", "generation"})).value_or(0);
    object_at(object, "metadata").set("generation", was + 1);
  }
}

void clean_secret_references(Value& account) {
  if (Value* secrets = at(account, {"secrets"})) {
    for (Value& secret : secrets->as_array()) {
      secret = json::Object{{"name", text_at(secret, {"name"})}};
    }
  }
}

// Of namespaces.

void add_namespace_finalizer(Value& space) {
  Value& spec = object_at(space, "spec");
  if (is_nothing(at(spec, {"finalizers"}))) {
    spec.set("finalizers", json::Array{"kubernetes"});
    return;
  }
  json::Array& finalizers = spec.find("finalizers")->as_array();
  if (std::ranges::find(finalizers, Value("kubernetes")) == finalizers.end()) {
    finalizers.emplace_back("kubernetes");
  }
}

void label_namespace(Value& space) {
  object_at(object_at(space, "metadata"), "labels")
      .set("kubernetes.io/metadata.name", text_at(space, {"metadata", "name"}));
}

// Of jobs.

void generate_job_selector(Value& job) {
  if (is_true(at(job, {"spec", "manualSelector"}))) {
    return;
  }
  const std::string name(text_at(job, {"metadata", "name"}));
  const std::string uid(text_at(job, {"metadata", "uid"}));
  Value& spec = object_at(job, "spec");
  Value& labels = object_at(object_at(object_at(spec, "template"), "metadata"), "labels");
  for (const auto& [label, value] :
       {std::pair<std::string_view, const std::string&>{"job-name", name},
        {"batch.kubernetes.io/job-name", name},
        {"controller-uid", uid},
        {"batch.kubernetes.io/controller-uid", uid}}) {
    if (labels.find(label) == nullptr) {
      labels.set(label, value);
    }
  }
  Value& wanted = object_at(object_at(spec, "selector"), "matchLabels");
  if (wanted.find("batch.kubernetes.io/controller-uid") == nullptr) {
    wanted.set("batch.kubernetes.io/controller-uid", uid);
  }
}

/// A Job without labels has those of its pods.
void label_job(Value& job) {
  const Value* labels = at(job, {"spec", "template", "metadata", "labels"});
  if (!is_nothing(labels) && is_nothing(at(job, {"metadata", "labels"}))) {
    Value copy = *labels;
    object_at(job, "metadata").set("labels", std::move(copy));
  }
}

// Of claims.

/// A data source that is named in one of the two ways is named in both.
void settle_data_sources(Value& claim, const Value* before) {
  Value* spec = at(claim, {"spec"});
  if (spec == nullptr) {
    return;
  }
  const bool was_used = before != nullptr && (at(*before, {"spec", "dataSource"}) != nullptr ||
                                              at(*before, {"spec", "dataSourceRef"}) != nullptr);
  const Value* old_way = at(*spec, {"dataSource"});
  const Value* new_way = at(*spec, {"dataSourceRef"});
  if (old_way != nullptr && new_way == nullptr && !was_used) {
    const std::string_view kind = text_at(*old_way, {"kind"});
    const std::string_view group = text_at(*old_way, {"apiGroup"});
    const bool is_known = (kind == "PersistentVolumeClaim" && group.empty()) ||
                          (kind == "VolumeSnapshot" && group == "snapshot.storage.k8s.io");
    if (!is_known) {
      spec->erase("dataSource");
      return;
    }
  }
  if (old_way != nullptr && new_way == nullptr) {
    Value copy = *old_way;
    spec->set("dataSourceRef", std::move(copy));
  } else if (new_way != nullptr && old_way == nullptr && text_at(*new_way, {"namespace"}).empty()) {
    Value copy = *new_way;
    copy.erase("namespace");
    spec->set("dataSource", std::move(copy));
  }
}

/// A DaemonSet counts the changes of its template, in an annotation that only the server writes.
void count_template(Value& set, const Value* before) {
  constexpr std::string_view kAnnotation = "deprecated.daemonset.template.generation";
  std::int64_t count = 1;
  const auto counted = [&](const Value& object) {
    const auto number =
        parse_int<std::int64_t>(text_at(object, {"metadata", "annotations", kAnnotation}));
    return number.value_or(0);
  };
  if (before == nullptr) {
    count = std::max<std::int64_t>(counted(set), 1);
  } else {
    count = counted(*before);
    count += same(at(set, {"spec", "template"}), at(*before, {"spec", "template"})) ? 0 : 1;
  }
  if (count > 0) {
    object_at(object_at(set, "metadata"), "annotations").set(kAnnotation, std::to_string(count));
  }
}

void drop_endpoint_topology(Value& slice) {
  if (Value* endpoints = at(slice, {"endpoints"})) {
    for (Value& endpoint : endpoints->as_array()) {
      if (Value* topology = at(endpoint, {"deprecatedTopology"})) {
        topology->erase("kubernetes.io/hostname");
        topology->erase("topology.kubernetes.io/zone");
      }
    }
  }
}

void prepare_both(const Kind& kind, Value& object, const Value* before) {
  if (kind.kind == "ServiceAccount") {
    clean_secret_references(object);
  } else if (kind.kind == "PersistentVolumeClaim") {
    settle_data_sources(object, before);
  } else if (kind.kind == "Namespace") {
    label_namespace(object);
  } else if (kind.kind == "Job") {
    label_job(object);
  } else if (kind.kind == "DaemonSet") {
    count_template(object, before);
  } else if (kind.kind == "EndpointSlice") {
    drop_endpoint_topology(object);
  }
}

void prepare_status(const Kind& kind, Value& object, const Value& before) {
  put(object, "spec", before.find("spec"));
  if ((habits_of(kind).flags & kKeepsLabels) != 0) {
    put(object_at(object, "metadata"), "labels", at(before, {"metadata", "labels"}));
  }
  if (kind.kind == "Pod") {
    keep_of_pod_status(object, before);
  } else if (kind.kind == "DaemonSet") {
    count_template(object, &before);
  }
}

void prepare_whole(const Kind& kind, Value& object, const Value& before) {
  if (kind.has_status) {
    put(object, "status", before.find("status"));
  }
  if (kind.kind == "Namespace") {
    put(object_at(object, "spec"), "finalizers", at(before, {"spec", "finalizers"}));
  } else if (kind.kind == "Service") {
    drop_fields_of_other_type(object, before);
  } else if (kind.kind == "Secret" && is_nothing(object.find("type"))) {
    put(object, "type", before.find("type"));
  }
  prepare_both(kind, object, &before);
}

}  // namespace

void prepare_create(const Kind& kind, Value& object) {
  const Habits& habits = habits_of(kind);
  if (kind.has_status && (habits.flags & kCreatesStatus) == 0) {
    object.erase("status");
  }
  if (!habits.counted.empty()) {
    object_at(object, "metadata").set("generation", 1);
  }
  if (kind.kind == "Pod") {
    prepare_new_pod(object);
  } else if (kind.kind == "LimitRange" && text_at(object, {"metadata", "name"}).empty()) {
    // The only kind whose objects need no name: the server makes one up.
    const std::string uid(text_at(object, {"metadata", "uid"}));
    object_at(object, "metadata").set("name", uid);
  } else if (kind.kind == "Namespace") {
    add_namespace_finalizer(object);
    object_at(object, "status").set("phase", "Active");
  } else if (kind.kind == "Job") {
    generate_job_selector(object);
  } else if (kind.kind == "PersistentVolumeClaim" || kind.kind == "PersistentVolume") {
    object_at(object, "status").set("phase", "Pending");
  }
  drop_disabled_fields(kind, object);
  prepare_both(kind, object, nullptr);
  as_printed(*kind.shape, object);
}

void prepare_update(const Kind& kind, Value& object, const Value& before,
                    std::string_view subresource) {
  put(object_at(object, "metadata"), "generation", at(before, {"metadata", "generation"}));
  if (subresource == "status") {
    prepare_status(kind, object, before);
  } else if (subresource == "finalize") {
    put(object, "status", before.find("status"));
  } else if (kind.kind == "Pod" && !subresource.empty()) {
    keep_all_but(subresource, object, before);
  } else {
    drop_disabled_fields(kind, object);
    prepare_whole(kind, object, before);
  }
  as_printed(*kind.shape, object);
  if (subresource != "status" && subresource != "finalize") {
    count_generation(habits_of(kind), object, before);
    as_printed(*kind.shape, object);
  }
}

}  // namespace kthena::apiserver
