// swift-tools-version: 6.2
import PackageDescription

let common: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let settings = common + [.strictMemorySafety()]

let package = Package(
    name: "ActorIO",
    platforms: [.macOS("26.0")],
    products: [
        .library(name: "ActorIO", targets: ["ActorIO"]),
        .library(name: "ActorIOTesting", targets: ["ActorIOTesting"]),
    ],
    targets: [
        .systemLibrary(name: "LinuxKernel", path: "Sources/ActorIO/Kernel"),
        .target(
            name: "ActorIO",
            dependencies: [.target(name: "LinuxKernel", condition: .when(platforms: [.linux]))],
            path: "Sources/ActorIO",
            exclude: ["Kernel", "Testing"],
            resources: [.embedInCode("EngineIO/client.js")],
            swiftSettings: settings
        ),
        .target(
            name: "ActorIOTesting",
            dependencies: ["ActorIO"],
            path: "Sources/ActorIO/Testing",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ActorIODemo",
            dependencies: ["ActorIO"],
            resources: [
                .embedInCode("Pages/index.html"), .embedInCode("Pages/login.html"),
                .embedInCode("Pages/style.css"), .embedInCode("Pages/app.js"),
            ],
            swiftSettings: common
        ),
        .testTarget(
            name: "ActorIOTests",
            dependencies: ["ActorIO", "ActorIOTesting"],
            swiftSettings: settings
        ),
    ]
)
