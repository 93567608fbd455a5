// How the objects of one kind become rows of a table.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "base/clock.h"
#include "json/value.h"

namespace kthena::apiserver {

/// A column of a table. `kubectl get` shows those of priority 0, `-o wide` all.
struct Column {
  std::string_view name;
  std::string_view description;
  std::string_view type = "string";
  std::int32_t priority = 0;
  std::string_view format = {};
};

/// An object that is to be shown, and short ways into it. Fields that are missing are empty or 0.
class Subject {
 public:
  Subject(const json::Value& object, WallTime now) : object_(object), now_(now) {}

  const json::Value& object() const { return object_; }
  const json::Value* at(std::initializer_list<std::string_view> path) const;
  std::string text(std::initializer_list<std::string_view> path) const;
  /// The same, or `otherwise` if there is nothing.
  std::string text_or(std::initializer_list<std::string_view> path,
                      std::string_view otherwise) const;
  std::int64_t number(std::initializer_list<std::string_view> path) const;
  const json::Array& items(std::initializer_list<std::string_view> path) const;
  bool is_deleted() const { return at({"metadata", "deletionTimestamp"}) != nullptr; }

  std::string name() const { return text({"metadata", "name"}); }
  std::string age() const { return since(at({"metadata", "creationTimestamp"})); }
  /// "5m10s"; "<unknown>" if there is no time.
  std::string since(const json::Value* time) const;

 private:
  const json::Value& object_;
  WallTime now_;
};

/// Source of columns and values: kube-apiserver 1.34, printers/internalversion. The descriptions
/// are our own.
struct Printer {
  std::span<const Column> columns;
  /// Adds one cell a column.
  void (*cells)(const Subject& subject, json::Array& cells);
};

/// Of a built-in kind, or of its scale. Null: it is shown by name and time of creation.
const Printer* find_printer(std::string_view group, std::string_view kind);

// The printers of each area; find_printer() knows all.
struct NamedPrinter {
  std::string_view group;
  std::string_view kind;
  Printer printer;
};
std::span<const NamedPrinter> pod_printers();
std::span<const NamedPrinter> workload_printers();
std::span<const NamedPrinter> network_printers();
std::span<const NamedPrinter> cluster_printers();
std::span<const NamedPrinter> policy_printers();

// Columns that many kinds have.
inline constexpr Column kNameColumn{.name = "Name",
                                    .description = "Unique among objects of its kind and namespace",
                                    .format = "name"};
inline constexpr Column kAgeColumn{.name = "Age", .description = "Time since it was created"};
inline constexpr Column kContainersColumn{
    .name = "Containers", .description = "Names of the containers", .priority = 1};
inline constexpr Column kImagesColumn{
    .name = "Images", .description = "Images of the containers", .priority = 1};
inline constexpr Column kSelectorColumn{
    .name = "Selector", .description = "Labels of the pods that are meant", .priority = 1};

// Values that several kinds have.

/// Adds the names and the images of containers, with commas between.
void add_containers(const json::Array& containers, json::Array& cells);
/// "a=b,c in (d,e)"; "<none>" if all is meant.
std::string selector_text(const json::Value* selector);
/// "a=b,c=d"; "<none>" if there are none.
std::string labels_text(const json::Value* labels);
/// As Kubernetes writes it; "0" if there is none.
std::string quantity_text(const json::Value* quantity);
/// "a,b,c + 2 more..."
std::string some_of(std::span<const std::string> list, std::size_t count, std::size_t shown);
std::string join(std::span<const std::string> list, std::string_view separator);

}  // namespace kthena::apiserver
