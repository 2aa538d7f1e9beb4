#include "local_models.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <thread>

namespace gatehouse::app {
namespace {

using telemetry::LogLevel;

std::filesystem::path usual_place() {
    std::error_code error;
    const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto beside = executable.parent_path();
    const std::array places{beside / "models/embedder.model", beside.parent_path() / "models/embedder.model",
                            std::filesystem::path("/usr/local/share/gatehouse/models/embedder.model")};
    for (const auto& place : places) {
        if (std::filesystem::exists(place, error)) {
            return place;
        }
    }
    return places.back();
}

}  // namespace

std::shared_ptr<const upstream::LocalModel> load_local_model(const std::string& path) {
    auto encoder = vector::load_encoder(path.empty() ? usual_place() : std::filesystem::path(path));
    if (encoder) {
        telemetry::log(LogLevel::info, "local_embedder_loaded",
                       {{"model", (*encoder)->identity().id},
                        {"version", (*encoder)->identity().version},
                        {"kernels", (*encoder)->kernels()}});
    } else {
        telemetry::log(LogLevel::warning, "local_embedder_unavailable",
                       {{"reason", encoder.problem().message()}});
    }
    net::WorkerPoolOptions workers;
    workers.threads = std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
    return std::make_shared<const upstream::LocalModel>(std::move(encoder), workers);
}

}  // namespace gatehouse::app
