// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Simulate",
    platforms: [.macOS("26.0")],
    dependencies: [.package(name: "ActorIO", path: "../..")],
    targets: [
        .executableTarget(
            name: "Simulate",
            dependencies: [
                .product(name: "ActorIO", package: "ActorIO"),
                .product(name: "ActorIOTesting", package: "ActorIO"),
            ]
        )
    ]
)
