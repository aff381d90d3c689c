// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Tour",
    platforms: [.macOS("26.0")],
    dependencies: [.package(name: "ActorIO", path: "../..")],
    targets: [
        .executableTarget(
            name: "Tour",
            dependencies: [.product(name: "ActorIO", package: "ActorIO")]
        )
    ]
)
