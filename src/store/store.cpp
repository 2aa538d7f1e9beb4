#include "gatehouse/store/store.hpp"

#include "conversations.hpp"
#include "key_shelf.hpp"
#include "sqlite_keys.hpp"
#include "sqlite_ledger.hpp"
#include "usage_reader.hpp"
#include "writer.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace gatehouse::store {
namespace {

std::string path_in(const std::string& directory) {
    return directory + "/gatehouse.db";
}

}  // namespace

Result<Store> open_store(const StoreOptions& options) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(options.directory, error);
    if (error) {
        return Problem(ProblemKind::internal, "cannot make " + options.directory + ": " + error.message());
    }
    if (made) {  // conversations are their callers' own: nobody else on the machine reads them
        std::filesystem::permissions(options.directory, std::filesystem::perms::owner_all, error);
    }
    const std::string path = path_in(options.directory);
    auto database = Database::open(path, options.disk);
    if (!database) {
        return std::move(database.problem());
    }
    const auto writer = std::make_shared<Writer>(std::move(*database));
    Store store;
    auto reader = Database::open_for_reading(path);
    if (!reader) {
        return std::move(reader.problem());
    }
    auto conversations = conversations_with(writer, std::move(*reader), options.conversations);
    if (!conversations) {
        return std::move(conversations.problem());
    }
    store.conversations = std::move(*conversations);
    auto keys = keys_with(writer, options.audit);
    if (!keys) {
        return std::move(keys.problem());
    }
    store.keys = std::move(*keys);
    if (options.ledger.enabled) {
        auto ledger = ledger_with(writer, path, options.ledger);
        if (!ledger) {
            return std::move(ledger.problem());
        }
        store.ledger = std::move(*ledger);
    }
    return store;
}

Result<std::vector<StoredKey>> read_keys(const std::string& directory) {
    const std::string path = path_in(directory);
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) {
        return std::vector<StoredKey>();
    }
    const auto database = Database::open_as_it_can_be(path);
    return database ? keys_in(*database) : database.problem();
}

Result<UsageReport> read_usage(const std::string& directory, const UsageQuery& query) {
    auto database = Database::open_as_it_can_be(path_in(directory));
    if (!database) {
        return std::move(database.problem());
    }
    return UsageReader(std::move(*database)).usage(query);
}

}  // namespace gatehouse::store
