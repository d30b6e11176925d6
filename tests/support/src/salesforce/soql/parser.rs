//! The clauses of a query, in their order.

use super::token::{self, Token, Word};
use super::{Aggregate, Flaw, Function, Order, Path, Query, Selection, Which};

/// Reads words from the left to the right, one of them ahead.
pub(super) struct Parser {
    tokens: Vec<Token>,
    next: usize,
}

impl Parser {
    pub(super) fn over(text: &str) -> Result<Self, Flaw> {
        Ok(Self {
            tokens: token::split(text)?,
            next: 0,
        })
    }

    /// A query, and nothing behind it.
    pub(super) fn whole(mut self) -> Result<Query, Flaw> {
        let query = self.query(true)?;
        self.end()?;
        Ok(query)
    }

    /// What stands in the brackets of `RETURNING`.
    pub(super) fn returned(mut self, object: &str) -> Result<Query, Flaw> {
        let mut fields = vec![self.path()?];
        while self.sign(",") {
            fields.push(self.path()?);
        }
        let selections = fields.into_iter().map(Selection::Field).collect();
        let query = self.clauses(
            selections,
            Path {
                names: vec![object.to_owned()],
                at: 0,
            },
        )?;
        self.end()?;
        Ok(query)
    }

    fn query(&mut self, children: bool) -> Result<Query, Flaw> {
        self.expect_keyword("SELECT")?;
        let mut selections = vec![self.selection(children)?];
        while self.sign(",") {
            selections.push(self.selection(children)?);
        }
        self.expect_keyword("FROM")?;
        let from = self.path()?;
        self.clauses(selections, from)
    }

    fn clauses(&mut self, selections: Vec<Selection>, from: Path) -> Result<Query, Flaw> {
        let condition = if self.keyword("WHERE") {
            Some(self.condition()?)
        } else {
            None
        };
        let mut query = Query {
            selections,
            from,
            condition,
            group_by: Vec::new(),
            order_by: Vec::new(),
            limit: None,
            offset: 0,
        };
        if self.keyword("GROUP") {
            self.expect_keyword("BY")?;
            query.group_by = self.listed(Self::path)?;
        }
        if self.keyword("ORDER") {
            self.expect_keyword("BY")?;
            query.order_by = self.listed(Self::order)?;
        }
        if self.keyword("LIMIT") {
            query.limit = Some(self.number()?);
        }
        if self.keyword("OFFSET") {
            query.offset = self.number()?;
        }
        Ok(query)
    }

    /// One or more, with commas.
    pub(super) fn listed<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, Flaw>) -> Result<Vec<T>, Flaw> {
        let mut all = vec![one(self)?];
        while self.sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn selection(&mut self, children: bool) -> Result<Selection, Flaw> {
        if children && self.sign("(") {
            let query = self.query(false)?;
            self.expect_sign(")")?;
            return Ok(Selection::Children(query));
        }
        let path = self.path()?;
        if self.sign("(") {
            self.function(&path)
        } else {
            Ok(Selection::Field(path))
        }
    }

    fn function(&mut self, name: &Path) -> Result<Selection, Flaw> {
        let upper = name.text().to_ascii_uppercase();
        if upper == "COUNT" && self.sign(")") {
            return Ok(Selection::Count);
        }
        let path = self.path()?;
        self.expect_sign(")")?;
        if upper == "FIELDS" {
            return match path.text().to_ascii_uppercase().as_str() {
                "ALL" => Ok(Selection::Fields(Which::All)),
                "STANDARD" => Ok(Selection::Fields(Which::Standard)),
                "CUSTOM" => Ok(Selection::Fields(Which::Custom)),
                _ => Err(Flaw::malformed(path.at, format!("unexpected token: '{}'", path.text()))),
            };
        }
        let function = match upper.as_str() {
            "COUNT" => Function::Count,
            "COUNT_DISTINCT" => Function::CountDistinct,
            "SUM" => Function::Sum,
            "AVG" => Function::Avg,
            "MIN" => Function::Min,
            "MAX" => Function::Max,
            _ => return Err(Flaw::malformed(name.at, format!("unexpected token: '{}'", name.text()))),
        };
        let alias = self.alias();
        Ok(Selection::Aggregate(Aggregate { function, path, alias }))
    }

    fn alias(&mut self) -> Option<String> {
        match self.peek() {
            Word::Name(name) if !name.eq_ignore_ascii_case("FROM") => {
                let name = name.clone();
                self.next += 1;
                Some(name)
            }
            _ => None,
        }
    }

    fn order(&mut self) -> Result<Order, Flaw> {
        let path = self.path()?;
        let descending = self.keyword("DESC");
        if !descending {
            self.keyword("ASC");
        }
        let nulls = self.keyword("NULLS");
        let nulls_last = nulls && self.keyword("LAST");
        if nulls && !nulls_last {
            self.expect_keyword("FIRST")?;
        }
        Ok(Order {
            path,
            descending,
            nulls_last,
        })
    }

    pub(super) fn path(&mut self) -> Result<Path, Flaw> {
        let at = self.at();
        let mut names = vec![self.name()?];
        while self.sign(".") {
            names.push(self.name()?);
        }
        Ok(Path { names, at })
    }

    fn name(&mut self) -> Result<String, Flaw> {
        match self.peek() {
            Word::Name(name) => {
                let name = name.clone();
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    pub(super) fn number(&mut self) -> Result<usize, Flaw> {
        let number = match self.peek() {
            Word::Figure(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(number)
    }

    fn end(&self) -> Result<(), Flaw> {
        if *self.peek() == Word::End {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// The next word.
    pub(super) fn peek(&self) -> &Word {
        self.tokens.get(self.next).map_or(&Word::End, |token| &token.kind)
    }

    /// The next word with its place.
    pub(super) fn token(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    /// Goes on to the word after the next.
    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    /// Where the next word stands.
    pub(super) fn at(&self) -> usize {
        self.token().map_or(0, |token| token.at)
    }

    /// Takes this keyword where it is next.
    pub(super) fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Word::Name(name) if name.eq_ignore_ascii_case(keyword));
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect_keyword(&mut self, keyword: &str) -> Result<(), Flaw> {
        if self.keyword(keyword) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes this sign where it is next.
    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Word::Sign(own) if *own == sign);
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Result<(), Flaw> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    pub(super) fn unexpected(&self) -> Flaw {
        let message = match self.peek() {
            Word::Sign(":") => "Bind variables only allowed in Apex code".to_owned(),
            word => format!("unexpected token: '{}'", word.text()),
        };
        Flaw::malformed(self.at(), message)
    }
}
