#include <cstddef>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "apiserver/apply/path_element.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/typed.h"
#include "apiserver/apply/walk.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using Merged = std::optional<json::Value>;

Merged merge(const Schema& schema, const json::Value* live, const json::Value* wanted);

bool is_empty(const json::Object* object) { return object == nullptr || object->empty(); }
bool is_empty(const json::Array* array) { return array == nullptr || array->empty(); }

/// The order of the merged list: that of `wanted`, with what only the live list has between them,
/// after the item of `wanted` that it followed.
class ListMerge {
 public:
  ListMerge(const Schema& list, const json::Array* live, const json::Array* wanted)
      : list_(list), live_(list, live), wanted_(list, wanted) {
    for (std::size_t i = 0; i < wanted_.all().size(); ++i) {
      const PathElement& element = wanted_[i].element;
      if (live_.find(element, i).count > 0) {
        shared_.push_back(&element);
      }
    }
  }

  Merged run() {
    std::size_t l = 0;
    std::size_t w = 0;
    const std::size_t lives = live_.all().size();
    const std::size_t wants = wanted_.all().size();
    while (l < lives || w < wants) {
      if (l < lives && w < wants) {
        const PathElement& element = live_[l].element;
        if (element == wanted_[w].element) {
          take_wanted(w);
          ++l;
          ++w;
          ++next_shared_;
          continue;
        }
        if (next_shared_ < shared_.size() && *shared_[next_shared_] != element &&
            wanted_.find(element).count > 0) {
          ++l;  // shared, but its turn comes with another one
          continue;
        }
      }
      if (l < lives) {
        const walk::Items::Item& item = live_[l];
        if (wanted_.find(item.element).count == 0) {
          append(merge(*list_.item, item.value, nullptr));
          ++l;
          continue;
        }
        if (merged_.contains(item.element)) {
          ++l;
        }
      }
      if (w < wants) {
        const bool was_next =
            next_shared_ < shared_.size() && *shared_[next_shared_] == wanted_[w].element;
        take_wanted(w);
        next_shared_ += was_next ? 1 : 0;
        ++w;
      }
    }
    return out_.empty() ? Merged() : Merged(std::move(out_));
  }

 private:
  void take_wanted(std::size_t index) {
    const walk::Items::Item& item = wanted_[index];
    merged_.insert(item.element);
    const walk::Items::Found found = live_.find(item.element, index);
    static const json::Value kNull;  // what several live items of one key count as
    const json::Value* live = found.count == 0   ? nullptr
                              : found.count == 1 ? live_[found.first].value
                                                 : &kNull;
    append(merge(*list_.item, live, item.value));
  }

  void append(Merged item) {
    if (item) {
      out_.push_back(*std::move(item));
    }
  }

  const Schema& list_;
  walk::Items live_;
  walk::Items wanted_;
  std::vector<const PathElement*> shared_;
  std::size_t next_shared_ = 0;
  std::set<PathElement> merged_;
  json::Array out_;
};

Merged merge_maps(const Schema& schema, const json::Object* live, const json::Object* wanted) {
  const walk::Members wanted_members(wanted);
  const walk::Members live_members(live);
  json::Object out;
  const auto add = [&](const std::string& name, const json::Value* before,
                       const json::Value* after) {
    const Schema* type = schema.member(name);
    if (auto merged = merge(type == nullptr ? deduced_schema() : *type, before, after)) {
      out.append_new(name, *std::move(merged));
    }
  };
  if (live != nullptr) {
    for (const auto& [name, value] : *live) {
      add(name, &value, wanted_members.find(name));
    }
  }
  if (wanted != nullptr) {
    for (const auto& [name, value] : *wanted) {
      if (live_members.find(name) == nullptr) {
        add(name, nullptr, &value);
      }
    }
  }
  return out.empty() ? Merged() : Merged(std::move(out));
}

Merged merge(const Schema& schema, const json::Value* live, const json::Value* wanted) {
  if (wanted == nullptr || live == nullptr) {
    return wanted == nullptr ? *live : *wanted;
  }
  const walk::Choice choice = walk::choose(schema, wanted);
  if (choice.map && !schema.map_is_atomic) {
    const json::Object* before = walk::object_or_null(live);
    const json::Object* after = walk::object_or_null(wanted);
    // Two empty ones are a leaf: null and {} differ.
    if (!is_empty(before) || !is_empty(after)) {
      return merge_maps(schema, before, after);
    }
  } else if (!choice.map && !choice.scalar && choice.list && !schema.list_is_atomic) {
    const json::Array* before = walk::array_or_null(live);
    const json::Array* after = walk::array_or_null(wanted);
    if (before != nullptr && after != nullptr && *before == *after) {
      return *wanted;  // most lists do not change, and to tell their items apart costs
    }
    if (!is_empty(before) || !is_empty(after)) {
      return ListMerge(schema, before, after).run();
    }
  }
  return *wanted;
}

}  // namespace

json::Value merge_typed(const Schema& schema, const json::Value& live, const json::Value& wanted) {
  return merge(schema, &live, &wanted).value_or(json::Value());
}

}  // namespace kthena::apiserver
