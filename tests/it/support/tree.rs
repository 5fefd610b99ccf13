//! A generated repository of templates, and random edits of it.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The same numbers from run to run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % u64::try_from(end).unwrap()).unwrap()
    }
}

/// Files by their path, each with its resources by their name.
#[derive(Clone, Default)]
pub struct Tree {
    pub files: BTreeMap<String, Vec<(String, String)>>,
    /// Lines at the top of each file.
    heads: BTreeMap<String, String>,
    made: usize,
}

pub const BUCKET: &str = "    Type: AWS::S3::Bucket\n";

/// A policy on a bucket that denies what `resources` says.
pub fn policy(bucket: &str, resources: &[&str]) -> String {
    let resources: String = resources.iter().map(|resource| format!("              - !Sub '{resource}'\n")).collect();
    format!(
        "    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref {bucket}\n      PolicyDocument:\n        \
         Statement:\n          - Effect: Deny\n            Principal: '*'\n            Action: 's3:*'\n            \
         Resource:\n{resources}            Condition: {{Bool: {{'aws:SecureTransport': 'false'}}}}\n"
    )
}

pub fn whole(bucket: &str) -> String {
    policy(bucket, &[&format!("${{{bucket}.Arn}}"), &format!("${{{bucket}.Arn}}/*")])
}

impl Tree {
    /// Files with a bucket without a policy, one with half a policy and one that is enforced. The last two files are
    /// copies of each other.
    pub fn new(count: usize, random: &mut Random) -> Self {
        let mut tree = Self::default();
        for number in 0..count {
            let copy = if number + 1 == count { number - 1 } else { number };
            tree.files.insert(format!("stack{number}/t.yaml"), Self::resources(copy));
            random.below(2);
        }
        tree
    }

    fn resources(number: usize) -> Vec<(String, String)> {
        let [bare, half, good] = ["Bare", "Half", "Good"].map(|name| format!("{name}{number}"));
        vec![
            (bare, BUCKET.to_owned()),
            (half.clone(), BUCKET.to_owned()),
            (format!("{half}Policy"), policy(&half, &[&format!("${{{half}.Arn}}/*")])),
            (good.clone(), BUCKET.to_owned()),
            (format!("{good}Policy"), whole(&good)),
        ]
    }

    /// The text of each file.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let text = |(path, resources): (&String, &Vec<(String, String)>)| {
            let head = self.heads.get(path).map_or("", String::as_str);
            let body: String = resources.iter().map(|(name, text)| format!("  {name}:\n{text}")).collect();
            (path.clone(), format!("{head}Resources:\n{body}"))
        };
        self.files.iter().map(text).collect()
    }

    /// Makes a folder hold these templates and no others.
    pub fn write(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != ".git") {
                fs::remove_dir_all(path).unwrap();
            }
        }
        for (path, text) in self.texts() {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    pub fn pick(&self, random: &mut Random) -> String {
        self.files.keys().nth(random.below(self.files.len())).unwrap().clone()
    }

    fn number(&mut self) -> usize {
        self.made += 1;
        self.made
    }

    /// Lines, resources that are fine, another order, another name for the file.
    pub fn edit_beside_findings(&mut self, random: &mut Random) -> String {
        let path = self.pick(random);
        self.edit_beside(&path, random)
    }

    fn edit_beside(&mut self, path: &str, random: &mut Random) -> String {
        let path = path.to_owned();
        match random.below(4) {
            0 => {
                let head = self.heads.entry(path.clone()).or_default();
                if head.len() > 200 {
                    head.clear();
                }
                head.insert_str(0, "# a comment\n\n");
                format!("lines on top of {path}")
            }
            1 => {
                let name = format!("More{}", self.number());
                let at = random.below(self.files[&path].len());
                let resources = self.files.get_mut(&path).unwrap();
                if resources.len() > 12 {
                    resources.retain(|(name, _)| !name.starts_with("More"));
                    return format!("fewer resources in {path}");
                }
                resources.insert(at, (format!("{name}Policy"), whole(&name)));
                resources.insert(at, (name, BUCKET.to_owned()));
                format!("a good bucket in {path}")
            }
            2 => {
                let resources = self.files.get_mut(&path).unwrap();
                for last in (1..resources.len()).rev() {
                    let other = random.below(last + 1);
                    resources.swap(last, other);
                }
                format!("another order in {path}")
            }
            _ => {
                // Copies cannot be told apart once both have moved.
                let bare = |resources: &[(String, String)]| {
                    resources.iter().find(|(name, _)| name.starts_with("Bare")).map(|(name, _)| name.clone())
                };
                let own = bare(&self.files[&path]);
                if self.files.values().filter(|resources| bare(resources) == own).count() > 1 {
                    return "nothing".to_owned();
                }
                let to = format!("moved{}/t.yaml", self.number());
                self.rename(&path, &to);
                format!("{path} is {to}")
            }
        }
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        let resources = self.files.remove(from).unwrap();
        self.files.insert(to.to_owned(), resources);
        if let Some(head) = self.heads.remove(from) {
            self.heads.insert(to.to_owned(), head);
        }
    }

    /// A tree with one finding more, and which.
    pub fn with_a_new_finding(&self, random: &mut Random) -> (Tree, String) {
        let mut tree = self.clone();
        let path = self.pick(random);
        let resources = tree.files.get_mut(&path).unwrap();
        if random.below(2) == 0 {
            resources.push(("Another".to_owned(), BUCKET.to_owned()));
            return (tree, format!("{path} missing-bucket-policy Another"));
        }
        let at = resources.iter().position(|(name, _)| name.starts_with("Good") && name.ends_with("Policy")).unwrap();
        let name = resources.remove(at).0;
        let bucket = name.trim_end_matches("Policy").to_owned();
        (tree, format!("{path} missing-bucket-policy {bucket}"))
    }
}

/// Buckets with names of their own, and policies on them in two other files: what is edited in one file shows in
/// another.
pub const NAMED: [&str; 3] = ["named/buckets.yaml", "named/one.yaml", "named/two.yaml"];

const HEAD: &str = "Parameters:\n  Env: {Type: String}\nConditions:\n  Prod: !Equals [!Ref Env, prod]\n";

impl Tree {
    /// Adds the three files of [`NAMED`].
    pub fn add_named(&mut self, count: usize) {
        let name = |number| format!("    Properties:\n      BucketName: acme-{number}\n");
        let buckets = (0..count).map(|number| (format!("Named{number}"), format!("{BUCKET}{}", name(number))));
        self.files.insert(NAMED[0].to_owned(), buckets.collect());
        let policies = (0..count).map(|number| (format!("Guard{number}"), Self::guard(number)));
        self.files.insert(NAMED[1].to_owned(), policies.collect());
        self.files.insert(NAMED[2].to_owned(), vec![("Topic".to_owned(), "    Type: AWS::SNS::Topic\n".to_owned())]);
        for path in NAMED {
            self.heads.insert(path.to_owned(), HEAD.to_owned());
        }
    }

    fn guard(number: usize) -> String {
        let arn = format!("arn:aws:s3:::acme-{number}");
        policy("X", &[&arn, &format!("{arn}/*")]).replace("!Ref X", &format!("acme-{number}"))
    }

    /// A change that may bring findings or take them away.
    pub fn edit_anything(&mut self, random: &mut Random) -> String {
        let guards: Vec<(String, usize)> = NAMED[1..]
            .iter()
            .flat_map(|path| (0..self.files[*path].len()).map(move |at| ((*path).to_owned(), at)))
            .filter(|(path, at)| self.files[path][*at].0.starts_with("Guard"))
            .collect();
        let kind = random.below(6);
        if kind < 3 && guards.is_empty() {
            let count = self.files[NAMED[0]].len();
            let policies = (0..count).map(|number| (format!("Guard{number}"), Self::guard(number)));
            self.files.get_mut(NAMED[1]).unwrap().extend(policies);
            return "all policies are back".to_owned();
        }
        match kind {
            0 => {
                let (path, at) = guards[random.below(guards.len())].clone();
                let (name, _) = self.files.get_mut(&path).unwrap().remove(at);
                format!("no {name}")
            }
            1 => {
                let (path, at) = guards[random.below(guards.len())].clone();
                let moved = self.files.get_mut(&path).unwrap().remove(at);
                let to = if path == NAMED[1] { NAMED[2] } else { NAMED[1] };
                let told = format!("{} moves to {to}", moved.0);
                self.files.get_mut(to).unwrap().push(moved);
                told
            }
            2 => {
                let (path, at) = guards[random.below(guards.len())].clone();
                let (name, text) = &mut self.files.get_mut(&path).unwrap()[at];
                let condition = "    Condition: Prod\n";
                *text =
                    if text.contains(condition) { text.replace(condition, "") } else { format!("{condition}{text}") };
                format!("another condition of {name}")
            }
            3 => {
                let (tree, told) = self.with_a_new_finding_in_stacks(random);
                *self = tree;
                told
            }
            _ => {
                let path = self.pick(random);
                if path.starts_with("named/") { "nothing".to_owned() } else { self.edit_beside(&path, random) }
            }
        }
    }

    fn with_a_new_finding_in_stacks(&self, random: &mut Random) -> (Tree, String) {
        let mut tree = self.clone();
        let path = loop {
            let path = self.pick(random);
            if !path.starts_with("named/") {
                break path;
            }
        };
        let name = format!("New{}", tree.number());
        let resources = tree.files.get_mut(&path).unwrap();
        resources.retain(|(name, _)| !name.starts_with("New"));
        resources.push((name.clone(), BUCKET.to_owned()));
        (tree, format!("{name} in {path}"))
    }
}
