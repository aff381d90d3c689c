// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Passport",
    platforms: [.macOS("26.0")],
    dependencies: [.package(name: "ActorIO", path: "../..")],
    targets: [
        .executableTarget(
            name: "PassportExample",
            dependencies: [.product(name: "ActorIO", package: "ActorIO")],
            resources: [.embedInCode("Pages")]
        )
    ]
)
