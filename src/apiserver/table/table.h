// Objects in the forms that clients ask for by Accept: a Table, as `kubectl get` shows it, or their
// metadata alone. Source: Kubernetes API, meta.k8s.io/v1, Table and PartialObjectMetadata.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"

namespace kthena::apiserver {

/// How much of an object stands in its row.
enum class IncludeObject : std::uint8_t { Metadata, None, Object };

/// What a query says: "", "Metadata", "None" or "Object". Errors: 400.
Answer<IncludeObject> parse_include_object(std::string_view text);

/// Metadata of a list. In a table of one object, or of one watch event, `resource_version` is the
/// object's.
struct ListInfo {
  std::string_view resource_version;
  std::string_view continue_token = {};
  std::optional<std::int64_t> remaining{};
};

struct TableOptions {
  IncludeObject include = IncludeObject::Metadata;
  /// In a watch, only the first event has them.
  bool columns = true;
  std::string_view api_version = "meta.k8s.io/v1";  ///< or v1beta1; a constant
};

/// Whose rows a table has.
enum class TableOf : std::uint8_t {
  Objects,
  Scales,  ///< of the scale subresource of the kind
};

/// Writes a table piece by piece, for lists that are put together while they are sent.
///
///   std::string text = writer.head({.resource_version = "547"});
///   writer.append_row(text, object, now);  // and `,` and so on
///   text += "]}";
class TableWriter {
 public:
  TableWriter(const Kind& kind, TableOf of, const TableOptions& options);
  ~TableWriter();
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) noexcept;

  /// Up to and with the bracket that opens the rows.
  std::string head(const ListInfo& list) const;
  /// @param object  its text as it is served, with apiVersion and kind
  /// Cost: the object is read once; some 50 µs for a pod.
  void append_row(std::string& out, std::string_view object, WallTime now) const;
  /// A table without rows, whole.
  std::string empty(const ListInfo& list) const;

  /// The columns are not written any more: a watch has them in its first event only.
  void without_columns() { options_.columns = false; }

 private:
  class Form;
  std::unique_ptr<const Form> form_;
  TableOptions options_;
};

/// The whole table.
std::string table_text(const Kind& kind, TableOf of, std::span<const std::string_view> objects,
                       const ListInfo& list, const TableOptions& options, WallTime now);

/// PartialObjectMetadata of an object.
std::string partial_text(std::string_view object, std::string_view api_version = "meta.k8s.io/v1");
/// PartialObjectMetadataList.
std::string partial_list_text(std::span<const std::string_view> objects, const ListInfo& list,
                              std::string_view api_version = "meta.k8s.io/v1");

}  // namespace kthena::apiserver
